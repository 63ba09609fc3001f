import { CriError, type LinuxContainerSecurityContext, SupplementalGroupsPolicy } from "@tskube/cri";
import { resolvePath } from "../files/resolve.ts";
import { type FileView, readTextIn } from "../files/view.ts";

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly home: string;
}

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/**
 * Who a container runs as: what the pod says, else what the image says (`user[:group]`, names or numbers), else root. Names are looked up in the container's own files.
 */
export async function resolveUser(
  view: FileView,
  imageUser: string,
  security: LinuxContainerSecurityContext | undefined,
): Promise<ContainerUser> {
  const passwd = parsePasswd(await textOf(view, "/etc/passwd"));
  const groupFile = await textOf(view, "/etc/group");
  const asked = security?.runAsUser?.value ?? security?.runAsUsername;
  const [user = "", group = ""] = asked !== undefined && asked !== "" ? [String(asked)] : imageUser.split(":");
  const entry = findUser(passwd, user || "0");
  const gid = security?.runAsGroup
    ? Number(security.runAsGroup.value)
    : group
      ? findGroup(groupFile, group)
      : entry.gid;
  const own =
    security?.supplementalGroupsPolicy === SupplementalGroupsPolicy.Strict ? [] : groupsOf(groupFile, entry.name);
  const groups = new Set([...own, ...(security?.supplementalGroups ?? []).map(Number)]);
  return { uid: entry.uid, gid, groups: [...groups].sort((a, b) => a - b), home: entry.home };
}

async function textOf(view: FileView, path: string): Promise<string> {
  return (await readTextIn(view, (await resolvePath(view, path)).path)) ?? "";
}

function parsePasswd(text: string): PasswdEntry[] {
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid, , home = "/"] = line.split(":");
    return name && uid !== undefined ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [];
  });
}

/** A number need not be in /etc/passwd, a name must. */
function findUser(passwd: readonly PasswdEntry[], user: string): PasswdEntry {
  const isNumber = /^\d+$/.test(user);
  const found = passwd.find(({ name, uid }) => (isNumber ? uid === Number(user) : name === user));
  if (found) return found;
  if (isNumber) return { name: "", uid: Number(user), gid: 0, home: "/" };
  throw new CriError("INVALID_ARGUMENT", `unable to find user ${user}: no matching entries in passwd file`);
}

function findGroup(groupFile: string, group: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  const line = groupFile.split("\n").find((candidate) => candidate.startsWith(`${group}:`));
  if (!line) throw new CriError("INVALID_ARGUMENT", `unable to find group ${group}: no matching entries in group file`);
  return Number(line.split(":")[2]);
}

function groupsOf(groupFile: string, user: string): number[] {
  if (!user) return [];
  return groupFile.split("\n").flatMap((line) => {
    const [, , gid, members = ""] = line.split(":");
    return members.split(",").includes(user) ? [Number(gid)] : [];
  });
}
