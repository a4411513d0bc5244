{
  description = "Six small checks, all green";

  outputs =
    { self }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];

      # No nixpkgs, so that it needs no network: a check is a script of /bin/sh that writes $out.
      checksFor =
        system:
        let
          check =
            name: script:
            derivation {
              inherit name system;
              builder = "/bin/sh";
              args = [
                "-euc"
                script
              ];
            };
        in
        rec {
          greeting = check "greeting" ''
            echo "saying hello to the world"
            echo "hello, world" > $out
          '';
          greeting-is-polite = check "greeting-is-polite" ''
            read -r words < ${greeting}
            echo "read: $words"
            case $words in hello*) echo polite > $out ;; esac
          '';
          arithmetic = check "arithmetic" ''
            test $((6 * 7)) = 42
            echo 42 > $out
          '';
          self-contained = check "self-contained" ''
            read -r line < ${./flake.nix}
            test "$line" = "{"
            echo "the flake's own source is there" > $out
          '';
          countdown = check "countdown" ''
            for i in 3 2 1; do echo "$i"; done
            echo lift-off > $out
          '';
          all-together = check "all-together" ''
            for result in ${greeting-is-polite} ${arithmetic} ${countdown}; do test -s $result; done
            echo "all there" > $out
          '';
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
