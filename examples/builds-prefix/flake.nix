{
  description = "Checks named by prefix: only those below builds/ become Check Runs";

  outputs =
    { self }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];

      check =
        system: name:
        derivation {
          inherit name system;
          builder = "/bin/sh";
          args = [
            "-euc"
            "echo ${name} > $out"
          ];
        };

      checksFor = system: {
        "builds/compiler" = check system "compiler";
        "builds/editor" = check system "editor";
        "builds/docs/manual" = check system "manual";
        "lint/builds/style" = check system "style"; # holds the prefix, does not start with it
        "rebuilds" = check system "rebuilds";
        "tests/unit" = check system "unit";
      };
    in
    {
      checks = builtins.listToAttrs (
        map (system: {
          name = system;
          value = checksFor system;
        }) systems
      );
    };
}
