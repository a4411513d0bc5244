{
  description = "One flake, three jobs: packages, tests and documentation";

  outputs =
    { self }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forAllSystems =
        f:
        builtins.listToAttrs (
          map (system: {
            name = system;
            value = f system;
          }) systems
        );

      build =
        system: name: script:
        derivation {
          inherit name system;
          builder = "/bin/sh";
          args = [
            "-euc"
            script
          ];
        };
    in
    {
      packages = forAllSystems (system: {
        server = build system "server" "echo the server > $out";
        client = build system "client" "echo the client > $out";
      });

      checks = forAllSystems (system: {
        test-server = build system "test-server" ''
          read -r line < ${self.packages.${system}.server}
          test "$line" = "the server"
          echo ok > $out
        '';
        test-client = build system "test-client" ''
          read -r line < ${self.packages.${system}.client}
          test "$line" = "the client"
          echo ok > $out
        '';
        docs-manual = build system "docs-manual" "echo manual > $out";
        docs-changelog = build system "docs-changelog" "echo changelog > $out";
      });
    };
}
