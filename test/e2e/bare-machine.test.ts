import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fetchClientTools } from "../../cli/src/kubectl/find-kubectl.ts";
import { toolCache } from "../framework/cluster.ts";
import { command, output } from "../framework/command.ts";

const root = join(import.meta.dirname, "../..");
const isRoot = process.platform === "linux" && process.getuid?.() === 0;

/** Programs of packages that a user may not have: hidden from everything that the script starts, and from nothing else. */
const hidden = [
  "/usr/sbin/nft",
  "/usr/sbin/xtables-nft-multi",
  "/usr/sbin/xtables-legacy-multi",
  "/usr/sbin/conntrack",
  "/usr/bin/containerd",
  "/usr/bin/etcd",
];

/** In a mount namespace of its own; prints a line `KEY value` for each thing to look at. */
const script = `
for tool in ${hidden.join(" ")}; do [ ! -e $tool ] || mount --bind "$EMPTY" $tool; done
trap '$TSKUBE down --name bare --delete >/dev/null 2>&1' EXIT
$TSKUBE up --name bare --subnet 172.30.63.0/24 --kubeconfig "$KUBECONFIG" 2>&1 || exit 1
$KUBECTL create deployment kubia --image=host --replicas=2
$KUBECTL rollout status deploy/kubia --timeout=40s
$KUBECTL expose deployment kubia --port 8080 --type NodePort
port=$($KUBECTL get svc kubia -o 'jsonpath={.spec.ports[0].nodePort}')
address=$($KUBECTL get svc kubia -o 'jsonpath={.spec.clusterIP}')
fetch='fetch(process.argv[1], { signal: AbortSignal.timeout(2000) }).then((r) => r.text()).then((t) => console.log(t.trim()), (e) => console.log(String(e.cause)))'
sleep 2
for node in 2 3 4; do echo "NODE-PORT $(node -e "$fetch" http://172.30.63.$node:$port)"; done
echo "CLUSTER-IP $($KUBECTL exec deploy/kubia -- node -e "$fetch" http://$address:8080)"
`;

describe("a machine with neither packet filter nor containerd", function () {
  this.timeout(180_000);
  let folder = "";

  before(async function () {
    if (!isRoot) this.skip(); // nodes are network namespaces, which need root on Linux
    folder = mkdtempSync(join(tmpdir(), "tskube-bare-"));
    await output([join(root, "tskube"), "--help"], { timeoutMs: 180_000 }); // builds what is stale
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  it("runs a cluster all the same, and says what it goes without", async () => {
    const empty = join(folder, "empty");
    writeFileSync(empty, "", { mode: 0o644 });
    const { kubectl } = await fetchClientTools("35", toolCache, () => {});
    const env = {
      EMPTY: empty,
      TSKUBE: `${process.execPath} ${join(root, "dist", "tskube.cjs")}`,
      KUBECTL: kubectl,
      TSKUBE_HOME: join(folder, "home"),
      KUBECONFIG: join(folder, "kubeconfig"),
    };
    const { stdout, stderr } = await command(["unshare", "--mount", "sh", "-c", script], { env, timeoutMs: 150_000 });
    expect(stdout, stderr).to.contain("nft is not installed (package nftables)");
    expect(stdout).to.contain("on the process runtime");
    const answers = [...stdout.matchAll(/^(NODE-PORT|CLUSTER-IP) (.*)$/gm)].map(([, , answer]) => answer);
    expect(answers, stdout + stderr).to.have.length(4);
    for (const answer of answers) expect(answer).to.match(/^kubia-[a-z0-9]+-[a-z0-9]{5}$/);
  });
});
