/** The least that each kind can be made of, and what v1.35 answers with: every default, and nothing else. */
export interface MinimalObject {
  readonly what: string;
  /** The resource's path. */
  readonly path: string;
  /** All but a name. */
  readonly body: object;
  /** The answer without its kind, version, uid, times, version and field managers. */
  readonly expected: object;
}

const container = { name: "c", image: "nginx" };
const template = { metadata: { labels: { a: "b" } }, spec: { containers: [container] } };
const endingTemplate = { spec: { restartPolicy: "Never", containers: [container] } };
const selector = { matchLabels: { a: "b" } };
const scaleTarget = { kind: "Deployment", name: "d", apiVersion: "apps/v1" };
const completedContainer = {
  ...container,
  resources: {},
  imagePullPolicy: "Always",
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
};
const completedSpec = {
  containers: [completedContainer],
  dnsPolicy: "ClusterFirst",
  restartPolicy: "Always",
  securityContext: {},
  terminationGracePeriodSeconds: 30,
  schedulerName: "default-scheduler",
};
const completedTemplate = { ...template, spec: completedSpec };
const endingSpec = { ...completedSpec, restartPolicy: "Never" };

/** In answers, `UID` is the object's, `TIME` any time, and `XXXXX` whatever the server made up. */
export const minimalObjects: readonly MinimalObject[] = [
  {
    what: "a pod",
    path: "/api/v1/namespaces/default/pods",
    body: {
      spec: {
        containers: [
          { name: "c", image: "nginx", ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } } },
        ],
        volumes: [
          { name: "e", emptyDir: {} },
          { name: "s", secret: { secretName: "x" } },
        ],
      },
    },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      spec: {
        ...completedSpec,
        volumes: [
          { name: "e", emptyDir: {} },
          { name: "s", secret: { secretName: "x", defaultMode: 420 } },
          {
            name: "kube-api-access-XXXXX",
            projected: {
              sources: [
                { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
                { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
                {
                  downwardAPI: {
                    items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
                  },
                },
              ],
              defaultMode: 420,
            },
          },
        ],
        containers: [
          {
            ...completedContainer,
            ports: [{ containerPort: 80, protocol: "TCP" }],
            livenessProbe: {
              httpGet: { port: 80, path: "/", scheme: "HTTP" },
              timeoutSeconds: 1,
              periodSeconds: 10,
              successThreshold: 1,
              failureThreshold: 3,
            },
            volumeMounts: [
              {
                name: "kube-api-access-XXXXX",
                readOnly: true,
                mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
              },
            ],
          },
        ],
        enableServiceLinks: true,
        serviceAccountName: "default",
        serviceAccount: "default",
        priority: 0,
        preemptionPolicy: "PreemptLowerPriority",
        tolerations: [
          { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
          { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
        ],
      },
      status: { phase: "Pending", qosClass: "BestEffort" },
    },
  },
  {
    what: "a deployment",
    path: "/apis/apps/v1/namespaces/default/deployments",
    body: { spec: { selector: selector, template: template } },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      spec: {
        selector: selector,
        template: completedTemplate,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {},
    },
  },
  {
    what: "a stateful set",
    path: "/apis/apps/v1/namespaces/default/statefulsets",
    body: {
      spec: {
        selector: selector,
        template: template,
        serviceName: "s",
        volumeClaimTemplates: [
          {
            metadata: { name: "d" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
          },
        ],
      },
    },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      spec: {
        selector: selector,
        template: completedTemplate,
        volumeClaimTemplates: [
          {
            metadata: { name: "d" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "1Gi" } },
              volumeMode: "Filesystem",
            },
            status: { phase: "Pending" },
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
          },
        ],
        serviceName: "s",
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 1 } },
        podManagementPolicy: "OrderedReady",
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        replicas: 1,
        revisionHistoryLimit: 10,
      },
      status: { replicas: 0, availableReplicas: 0 },
    },
  },
  {
    what: "a daemon set",
    path: "/apis/apps/v1/namespaces/default/daemonsets",
    body: { spec: { selector: selector, template: template } },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      spec: {
        selector: selector,
        template: completedTemplate,
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        revisionHistoryLimit: 10,
      },
      status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
    },
  },
  {
    what: "a replica set",
    path: "/apis/apps/v1/namespaces/default/replicasets",
    body: { spec: { selector: selector, template: template } },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      spec: { selector: selector, template: completedTemplate, replicas: 1 },
      status: { replicas: 0 },
    },
  },
  {
    what: "a replication controller",
    path: "/api/v1/namespaces/default/replicationcontrollers",
    body: { spec: { template: template } },
    expected: {
      metadata: { name: "x", labels: { a: "b" }, namespace: "default", generation: 1 },
      spec: { template: completedTemplate, selector: { a: "b" }, replicas: 1 },
      status: { replicas: 0 },
    },
  },
  {
    what: "a job",
    path: "/apis/batch/v1/namespaces/default/jobs",
    body: { spec: { template: endingTemplate } },
    expected: {
      metadata: {
        name: "x",
        namespace: "default",
        generation: 1,
        labels: {
          "batch.kubernetes.io/controller-uid": "UID",
          "batch.kubernetes.io/job-name": "x",
          "controller-uid": "UID",
          "job-name": "x",
        },
      },
      spec: {
        template: {
          metadata: {
            labels: {
              "batch.kubernetes.io/controller-uid": "UID",
              "batch.kubernetes.io/job-name": "x",
              "controller-uid": "UID",
              "job-name": "x",
            },
          },
          spec: endingSpec,
        },
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: "NonIndexed",
        suspend: false,
        podReplacementPolicy: "TerminatingOrFailed",
        manualSelector: false,
        selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "UID" } },
      },
      status: {},
    },
  },
  {
    what: "a cron job",
    path: "/apis/batch/v1/namespaces/default/cronjobs",
    body: { spec: { schedule: "* * * * *", jobTemplate: { spec: { template: endingTemplate } } } },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      spec: {
        schedule: "* * * * *",
        jobTemplate: { metadata: {}, spec: { template: { metadata: {}, spec: endingSpec } } },
        concurrencyPolicy: "Allow",
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      },
      status: {},
    },
  },
  {
    what: "a service",
    path: "/api/v1/namespaces/default/services",
    body: { spec: { ports: [{ port: 80 }], selector: { a: "b" }, clusterIP: "10.96.5.5" } },
    expected: {
      metadata: { name: "x", namespace: "default" },
      spec: {
        ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
        selector: { a: "b" },
        clusterIP: "10.96.5.5",
        sessionAffinity: "None",
        type: "ClusterIP",
        internalTrafficPolicy: "Cluster",
        ipFamilyPolicy: "SingleStack",
        ipFamilies: ["IPv4"],
        clusterIPs: ["10.96.5.5"],
      },
      status: { loadBalancer: {} },
    },
  },
  {
    what: "a service for the outside",
    path: "/api/v1/namespaces/default/services",
    body: {
      metadata: { name: "lb" },
      spec: {
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        ports: [{ port: 80, nodePort: 30001 }],
        clusterIP: "10.96.5.6",
        healthCheckNodePort: 30002,
      },
    },
    expected: {
      metadata: { name: "lb", namespace: "default" },
      spec: {
        ports: [{ port: 80, targetPort: 80, nodePort: 30001, protocol: "TCP" }],
        clusterIP: "10.96.5.6",
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        healthCheckNodePort: 30002,
        sessionAffinity: "None",
        internalTrafficPolicy: "Cluster",
        allocateLoadBalancerNodePorts: true,
        ipFamilyPolicy: "SingleStack",
        ipFamilies: ["IPv4"],
        clusterIPs: ["10.96.5.6"],
      },
      status: { loadBalancer: {} },
    },
  },
  {
    what: "a headless service",
    path: "/api/v1/namespaces/default/services",
    body: { metadata: { name: "hl" }, spec: { clusterIP: "None", selector: { a: "b" }, sessionAffinity: "ClientIP" } },
    expected: {
      metadata: { name: "hl", namespace: "default" },
      spec: {
        selector: { a: "b" },
        clusterIP: "None",
        sessionAffinity: "ClientIP",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
        type: "ClusterIP",
        internalTrafficPolicy: "Cluster",
        ipFamilyPolicy: "SingleStack",
        ipFamilies: ["IPv4"],
        clusterIPs: ["None"],
      },
      status: { loadBalancer: {} },
    },
  },
  {
    what: "an external name",
    path: "/api/v1/namespaces/default/services",
    body: { metadata: { name: "en" }, spec: { type: "ExternalName", externalName: "example.com" } },
    expected: {
      metadata: { name: "en", namespace: "default" },
      spec: { type: "ExternalName", externalName: "example.com", sessionAffinity: "None" },
      status: { loadBalancer: {} },
    },
  },
  {
    what: "a secret",
    path: "/api/v1/namespaces/default/secrets",
    body: { stringData: { a: "b" } },
    expected: { metadata: { name: "x", namespace: "default" }, type: "Opaque", data: { a: "Yg==" } },
  },
  {
    what: "a claim",
    path: "/api/v1/namespaces/default/persistentvolumeclaims",
    body: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
    expected: {
      metadata: { name: "x", namespace: "default", finalizers: ["kubernetes.io/pvc-protection"] },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, volumeMode: "Filesystem" },
      status: { phase: "Pending" },
    },
  },
  {
    what: "a volume",
    path: "/api/v1/persistentvolumes",
    body: { spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/a" } } },
    expected: {
      metadata: { name: "x", finalizers: ["kubernetes.io/pv-protection"] },
      spec: {
        capacity: { storage: "1Gi" },
        hostPath: { path: "/a", type: "" },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Retain",
        volumeMode: "Filesystem",
      },
      status: { phase: "Pending", lastPhaseTransitionTime: "TIME" },
    },
  },
  {
    what: "a storage class",
    path: "/apis/storage.k8s.io/v1/storageclasses",
    body: { provisioner: "a.io/b" },
    expected: {
      metadata: { name: "x" },
      provisioner: "a.io/b",
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
    },
  },
  {
    what: "a storage driver",
    path: "/apis/storage.k8s.io/v1/csidrivers",
    body: { metadata: { name: "d.io" }, spec: {} },
    expected: {
      metadata: { name: "d.io", generation: 1 },
      spec: {
        attachRequired: true,
        podInfoOnMount: false,
        storageCapacity: false,
        fsGroupPolicy: "ReadWriteOnceWithFSType",
        volumeLifecycleModes: ["Persistent"],
        requiresRepublish: false,
        seLinuxMount: false,
      },
    },
  },
  {
    what: "an attachment",
    path: "/apis/storage.k8s.io/v1/volumeattachments",
    body: { spec: { attacher: "a", nodeName: "n", source: { persistentVolumeName: "p" } } },
    expected: {
      metadata: { name: "x" },
      spec: { attacher: "a", source: { persistentVolumeName: "p" }, nodeName: "n" },
      status: { attached: false },
    },
  },
  {
    what: "an ingress",
    path: "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
    body: {
      spec: {
        rules: [
          {
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      spec: {
        rules: [
          {
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } }],
            },
          },
        ],
      },
      status: { loadBalancer: {} },
    },
  },
  {
    what: "an ingress class",
    path: "/apis/networking.k8s.io/v1/ingressclasses",
    body: { spec: { controller: "a.io/c", parameters: { kind: "K", name: "n" } } },
    expected: {
      metadata: { name: "x", generation: 1 },
      spec: { controller: "a.io/c", parameters: { kind: "K", name: "n", scope: "Cluster" } },
    },
  },
  {
    what: "a network policy",
    path: "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
    body: { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      spec: { podSelector: {}, ingress: [{ ports: [{ port: 80, protocol: "TCP" }] }], policyTypes: ["Ingress"] },
    },
  },
  {
    what: "a budget",
    path: "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
    body: { spec: { minAvailable: 1, selector: selector } },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      spec: { minAvailable: 1, selector: selector },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    },
  },
  {
    what: "an autoscaler",
    path: "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
    body: { spec: { maxReplicas: 3, scaleTargetRef: scaleTarget } },
    expected: {
      metadata: { name: "x", namespace: "default" },
      spec: {
        scaleTargetRef: scaleTarget,
        maxReplicas: 3,
        minReplicas: 1,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
        ],
      },
      status: { desiredReplicas: 0, currentMetrics: [] },
    },
  },
  {
    what: "an autoscaler of old",
    path: "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers",
    body: { metadata: { name: "v1" }, spec: { maxReplicas: 3, scaleTargetRef: scaleTarget } },
    expected: {
      metadata: { name: "v1", namespace: "default" },
      spec: { scaleTargetRef: scaleTarget, minReplicas: 1, maxReplicas: 3 },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    },
  },
  {
    what: "a namespace",
    path: "/api/v1/namespaces",
    body: {},
    expected: {
      metadata: { name: "x", labels: { "kubernetes.io/metadata.name": "x" } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    },
  },
  {
    what: "a node",
    path: "/api/v1/nodes",
    body: {},
    expected: {
      metadata: { name: "x" },
      spec: { taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }] },
      status: {
        daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
        nodeInfo: {
          machineID: "",
          systemUUID: "",
          bootID: "",
          kernelVersion: "",
          osImage: "",
          containerRuntimeVersion: "",
          kubeletVersion: "",
          kubeProxyVersion: "",
          operatingSystem: "",
          architecture: "",
        },
      },
    },
  },
  {
    what: "a role binding",
    path: "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
    body: { roleRef: { kind: "Role", name: "x" }, subjects: [{ kind: "User", name: "u" }] },
    expected: {
      metadata: { name: "x", namespace: "default" },
      subjects: [{ kind: "User", name: "u", apiGroup: "rbac.authorization.k8s.io" }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "x" },
    },
  },
  {
    what: "a slice of endpoints",
    path: "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
    body: { addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }], ports: [{ port: 80 }] },
    expected: {
      metadata: { name: "x", namespace: "default", generation: 1 },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.0.0.1"], conditions: {} }],
      ports: [{ port: 80, name: "", protocol: "TCP" }],
    },
  },
  {
    what: "endpoints",
    path: "/api/v1/namespaces/default/endpoints",
    body: { subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] },
    expected: {
      metadata: { name: "x", namespace: "default" },
      subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80, protocol: "TCP" }] }],
    },
  },
  {
    what: "a priority class",
    path: "/apis/scheduling.k8s.io/v1/priorityclasses",
    body: { value: 5 },
    expected: { metadata: { name: "x", generation: 1 }, value: 5, preemptionPolicy: "PreemptLowerPriority" },
  },
  {
    what: "a limit range",
    path: "/api/v1/namespaces/default/limitranges",
    body: { spec: { limits: [{ type: "Container", max: { cpu: "2" } }] } },
    expected: {
      metadata: { name: "x", namespace: "default" },
      spec: { limits: [{ type: "Container", max: { cpu: "2" }, default: { cpu: "2" }, defaultRequest: { cpu: "2" } }] },
    },
  },
  {
    what: "a quota",
    path: "/api/v1/namespaces/default/resourcequotas",
    body: { spec: { hard: { pods: "5" } } },
    expected: { metadata: { name: "x", namespace: "default" }, spec: { hard: { pods: "5" } }, status: {} },
  },
  {
    what: "a pod template",
    path: "/api/v1/namespaces/default/podtemplates",
    body: { template: template },
    expected: { metadata: { name: "x", namespace: "default", generation: 1 }, template: completedTemplate },
  },
  {
    what: "a claim of devices",
    path: "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims",
    body: { spec: { devices: { requests: [{ name: "r", exactly: { deviceClassName: "g" } }] } } },
    expected: {
      metadata: { name: "x", namespace: "default" },
      spec: {
        devices: {
          requests: [{ name: "r", exactly: { deviceClassName: "g", allocationMode: "ExactCount", count: 1 } }],
        },
      },
      status: {},
    },
  },
];
