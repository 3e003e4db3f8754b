/** What this machine says of itself; `null` where it does not say. */
export interface Facts {
  /** The first line that bubblewrap wrote. */
  readonly stderr: string;
  readonly usernsClone: string | null;
  readonly maxUserNamespaces: string | null;
  readonly apparmorRestricts: string | null;
  readonly isContainer: boolean;
  /** Whether a filter of system calls already holds this process. */
  readonly hasSeccomp: boolean;
  readonly hasNoNewPrivileges: boolean;
}

export interface Diagnosis {
  readonly reason: string;
  readonly mend: string;
}

const APPARMOR =
  "Load the profile that lets bubblewrap, and it alone, make user namespaces: apt-get install apparmor-profiles, then install -m 0644 /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ and apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict";

/** Why bubblewrap does not start here, as exactly as the machine says, and the one thing that mends it. */
export function diagnose(facts: Facts): Diagnosis {
  const said = facts.stderr === "" ? "it said nothing" : `it said: ${facts.stderr.replace(/^bwrap: /, "")}`;
  const because = (why: string, mend: string): Diagnosis => ({
    reason: `bubblewrap cannot start: ${why} (${said})`,
    mend,
  });
  if (facts.maxUserNamespaces === "0")
    return because(
      "this system allows no user namespaces (user.max_user_namespaces = 0)",
      "Allow some: sysctl -w user.max_user_namespaces=10000",
    );
  if (facts.usernsClone === "0")
    return because(
      "user namespaces are for root alone (kernel.unprivileged_userns_clone = 0)",
      "Allow them: sysctl -w kernel.unprivileged_userns_clone=1",
    );
  if (facts.isContainer && facts.hasSeccomp)
    return because(
      "this container's filter of system calls (seccomp) forbids new namespaces",
      "Start the container with a profile that allows unshare, mount and pivot_root: --security-opt seccomp=FILE, and --security-opt apparmor=unconfined where AppArmor is on",
    );
  if (facts.apparmorRestricts === "1")
    return because(
      "AppArmor takes the rights away from user namespaces (kernel.apparmor_restrict_unprivileged_userns = 1), as Ubuntu 24.04 does",
      APPARMOR,
    );
  if (/overflow[ug]id|\/proc/.test(facts.stderr))
    return because(
      "/proc is hidden from this process, as a hardened service has it",
      "Give the service ProtectProc=default, ProcSubset=all and PrivateUsers=no",
    );
  if (facts.hasSeccomp)
    return because(
      "a filter of system calls (seccomp) that this process was started with forbids new namespaces",
      "Give the service RestrictNamespaces=no and a SystemCallFilter with @mount",
    );
  if (facts.isContainer)
    return because(
      "this container may not make namespaces or mounts",
      "Start the container with --security-opt systempaths=unconfined, or keep to the engine deno without the second layer",
    );
  return because(
    "the system refuses it a namespace",
    "Try it by hand to see more: bwrap --unshare-all --ro-bind / / true",
  );
}
