{
  description = "One target of each kind of failure, and two that are fine";

  outputs =
    { self }:
    let
      system = "x86_64-linux";

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

      build-fails = check "build-fails" ''
        echo "step 1 is fine"
        echo "step 2 is not: expected 4, got 5" >&2
        exit 1
      '';
    in
    {
      checks.${system} = {
        good = check "good" "echo good > $out";
        good-too = check "good-too" "echo good too > $out";

        # They fail to evaluate.
        throws = throw "this package needs a licence";
        aborts = abort "this should never happen";
        missing-attribute = self.nowhere;
        infinite-recursion =
          let
            loop = loop;
          in
          loop;
        stack-overflow =
          let
            count = n: 1 + count (n + 1);
          in
          count 0;
        assertion =
          assert 1 > 2;
          check "assertion" "echo > $out";
        wrong-type = "a string is not a derivation";

        # They evaluate, and fail to build.
        inherit build-fails;
        dependency-fails = check "dependency-fails" "read -r line < ${build-fails}; echo $line > $out";
      };

      # A whole set that fails: its targets cannot even be listed.
      checks.aarch64-linux = throw "nobody maintains this flake for aarch64-linux";
    };
}
