import { describe, expect, it } from "vitest";
import { diagnose, type Facts } from "./diagnose.ts";

const FACTS: Facts = {
  stderr: "bwrap: No permissions to create a new namespace",
  usernsClone: "1",
  maxUserNamespaces: "63000",
  apparmorRestricts: "0",
  isContainer: false,
  hasSeccomp: false,
  hasNoNewPrivileges: false,
};

describe("why bubblewrap does not start", () => {
  it.each([
    [
      "user namespaces that are for root alone",
      { usernsClone: "0" },
      /for root alone/,
      /^Allow them: sysctl -w kernel.unprivileged_userns_clone=1$/,
    ],
    [
      "no user namespaces at all",
      { maxUserNamespaces: "0" },
      /max_user_namespaces = 0/,
      /sysctl -w user.max_user_namespaces/,
    ],
    [
      "AppArmor on Ubuntu 24.04",
      { apparmorRestricts: "1", stderr: "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted" },
      /AppArmor .*RTM_NEWADDR/,
      /bwrap-userns-restrict/,
    ],
    [
      "AppArmor at the uid map",
      { apparmorRestricts: "1", stderr: "bwrap: setting up uid map: Permission denied" },
      /AppArmor/,
      /apparmor_parser -r/,
    ],
    [
      "a container's seccomp",
      { isContainer: true, hasSeccomp: true },
      /this container's filter of system calls/,
      /--security-opt seccomp=/,
    ],
    [
      "a container without seccomp",
      { isContainer: true },
      /this container may not/,
      /--security-opt systempaths=unconfined/,
    ],
    [
      "a hardened service that hides /proc",
      { stderr: "bwrap: Can't read /proc/sys/kernel/overflowuid: Permission denied" },
      /\/proc is hidden/,
      /ProtectProc=default/,
    ],
    ["a service's seccomp", { hasSeccomp: true }, /was started with/, /RestrictNamespaces=no/],
    ["something else", { stderr: "" }, /it said nothing/, /^Try it by hand/],
  ] as const)("is said for %s, with its one mend", (_what, facts, reason, mend) => {
    const found = diagnose({ ...FACTS, ...facts });
    expect(found.reason).toMatch(reason);
    expect(found.mend).toMatch(mend);
  });

  it("never asks anybody to switch the system's protection off as a whole", () => {
    for (const apparmorRestricts of ["0", "1"])
      expect(diagnose({ ...FACTS, apparmorRestricts }).mend).not.toMatch(/apparmor_restrict_unprivileged_userns=0/);
  });
});
