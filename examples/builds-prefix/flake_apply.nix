# The same choice and the same names as the filter and the label in .nixbuild-checks.yaml, as the Nix function that the
# older action takes as `flake_apply`. A test runs it with real Nix and compares: nix eval .#checks --apply "$(cat flake_apply.nix)"
systems:
let
  prefix = "builds/";
  prefixLength = builtins.stringLength prefix;
  hasPrefix = name: builtins.substring 0 prefixLength name == prefix;
  withoutPrefix = name: builtins.substring prefixLength (builtins.stringLength name) name;

  buildsOf =
    system:
    map (name: {
      attr = "${system}.${name}";
      label = "🚧 ${withoutPrefix name}.${system}";
    }) (builtins.filter hasPrefix (builtins.attrNames systems.${system}));
in
builtins.concatMap buildsOf (builtins.attrNames systems)
