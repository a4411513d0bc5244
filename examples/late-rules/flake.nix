{
  description = "Rules that look at the derivation and its meta, known only after evaluation";

  outputs =
    { self }:
    let
      system = "x86_64-linux";

      package =
        {
          pname,
          version,
          meta ? { },
          ...
        }@args:
        derivation (
          removeAttrs args [ "meta" ]
          // {
            inherit system;
            name = "${pname}-${version}";
            builder = "/bin/sh";
            args = [
              "-euc"
              "echo ${pname} > $out"
            ];
          }
        )
        // {
          inherit meta;
        };

      # As nixpkgs does it: the meta of a broken package can be read, its derivation cannot.
      broken =
        { pname, version }:
        let
          refuse = throw "Package '${pname}-${version}' is marked as broken, refusing to evaluate.";
        in
        {
          type = "derivation";
          name = "${pname}-${version}";
          inherit pname version system;
          meta.broken = true;
          outputName = "out";
          drvPath = refuse;
          outPath = refuse;
        };
    in
    {
      packages.${system} = {
        editor = package {
          pname = "editor";
          version = "1.4.2";
          meta.description = "Edits text";
        };
        compiler = package {
          pname = "compiler";
          version = "12";
        };
        abandoned = broken {
          pname = "abandoned";
          version = "0.1";
        };
        firmware = package {
          pname = "firmware";
          version = "7";
          meta.unfree = true;
        };
        vm-test = package {
          pname = "vm-test";
          version = "1";
          requiredSystemFeatures = [ "kvm" ];
        };
      };
    };
}
