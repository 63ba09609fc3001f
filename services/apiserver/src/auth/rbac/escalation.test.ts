import { expect } from "chai";
import { clusterBinding, clusterRole, rule, user } from "../../bootstrap/policy/build.ts";
import { userNamed } from "../testing/ask.ts";
import { BindingIndex } from "./binding-index.ts";
import { checkEscalation, type EscalationRequest } from "./escalation.ts";

function cluster(...rules: ReturnType<typeof rule>[]) {
  const index = new BindingIndex();
  index.setRole(clusterRole("held", rules));
  index.setBinding(clusterBinding("held", [user("ann")]));
  index.setRole(clusterRole("strong", [rule("get", "core", "secrets")]));
  const authorizer = {
    name: "rbac",
    authorize: (attributes: Parameters<BindingIndex["decide"]>[0]) => ({ denied: false, ...index.decide(attributes) }),
  };
  return { index, authorizer };
}

const request = (resource: string, object: object, more: Partial<EscalationRequest> = {}): EscalationRequest => ({
  user: userNamed("ann"),
  resource,
  namespace: "",
  name: "new",
  object,
  ...more,
});

async function message(attempt: Promise<void>): Promise<string> {
  try {
    await attempt;
    return "allowed";
  } catch (error) {
    return (error as Error).message;
  }
}

const secrets = clusterRole("new", [rule("get list", "core", "secrets")]);

describe("checkEscalation", () => {
  it("refuses a role with rights that its writer does not hold, and lists them", async () => {
    expect(
      await message(checkEscalation(request("clusterroles", secrets), cluster(rule("get", "core", "secrets")))),
    ).to.equal(
      'clusterroles.rbac.authorization.k8s.io "new" is forbidden: user "ann" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["list"]}',
    );
  });

  it("lets holders of the rights, of the verb escalate and of system:masters write the role", async () => {
    expect(await message(checkEscalation(request("clusterroles", secrets), cluster(rule("*", "*", "*"))))).to.equal(
      "allowed",
    );
    const escalate = rule("escalate", "rbac.authorization.k8s.io", "clusterroles");
    expect(await message(checkEscalation(request("clusterroles", secrets), cluster(escalate)))).to.equal("allowed");
    const masters = { user: userNamed("root", "system:masters") };
    expect(await message(checkEscalation(request("clusterroles", secrets, masters), cluster()))).to.equal("allowed");
  });

  it("lets anybody update a role without changing its rules", async () => {
    const update = request("clusterroles", secrets, { oldObject: clusterRole("new", secrets.rules) });
    expect(await message(checkEscalation(update, cluster()))).to.equal("allowed");
  });

  it("refuses aggregation to all but cluster administrators", async () => {
    const aggregating = { ...clusterRole("new", []), aggregationRule: { clusterRoleSelectors: [] } };
    expect(await message(checkEscalation(request("clusterroles", aggregating), cluster()))).to.contain(
      "must have cluster-admin privileges to use an aggregationRule",
    );
  });

  it("refuses a binding to a role whose rights the writer does not hold, unless it may bind it", async () => {
    const binding = request("clusterrolebindings", clusterBinding("strong", [user("ann")]));
    expect(await message(checkEscalation(binding, cluster()))).to.contain("permissions not currently held");
    const bind = rule("bind", "rbac.authorization.k8s.io", "clusterroles", ["strong"]);
    expect(await message(checkEscalation(binding, cluster(bind)))).to.equal("allowed");
    expect(await message(checkEscalation(binding, cluster(rule("get", "core", "secrets"))))).to.equal("allowed");
  });
});
