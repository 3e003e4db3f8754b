import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certified {
  readonly key: Buffer;
  readonly cert: Buffer;
}

export interface Authority {
  /** The file that NODE_EXTRA_CA_CERTS names. */
  readonly path: string;
  /** `IP:127.0.0.1` or `DNS:hooks.example`. */
  certify(name: string): Certified;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });

/** An authority of our own, made anew for each run: no key lies in the repository. */
export function createAuthority(folder: string, name: string): Authority {
  const at = (file: string): string => join(folder, `${name}-${file}`);
  const [path, key] = [at("ca.pem"), at("ca.key")];
  openssl("req", "-x509", ...KEY, "-keyout", key, "-out", path, "-days", "2", "-subj", `/CN=${name}`);
  let count = 0;
  return {
    path,
    certify(subject) {
      const made = (ending: string): string => at(`leaf-${count}.${ending}`);
      count += 1;
      openssl("req", "-new", ...KEY, "-keyout", made("key"), "-out", made("csr"), "-subj", "/CN=leaf");
      writeFileSync(made("ext"), `subjectAltName=${subject}\n`);
      const signing = ["-CA", path, "-CAkey", key, "-set_serial", String(count), "-days", "2", "-extfile", made("ext")];
      openssl("x509", "-req", "-in", made("csr"), "-out", made("pem"), ...signing);
      return { key: readFileSync(made("key")), cert: readFileSync(made("pem")) };
    },
  };
}
