/** What `kubectl explain` and OpenAPI say of types and fields: our own words, for those that the course works with. By Go type. */

interface Doc {
  about: string;
  fields: Readonly<Record<string, string>>;
}

const META_FIELDS = {
  apiVersion: 'Group and version of the API that this object is written for.',
  kind: 'Kind of the object, in camel case.',
  metadata: 'Name, namespace, labels and what else every object carries.',
};

const withMeta = (about: string, fields: Record<string, string> = {}): Doc => ({
  about,
  fields: {
    ...META_FIELDS,
    spec: 'What is wanted. Controllers work until the cluster is so.',
    status: 'What is there, as controllers last saw it. Clients only read it.',
    ...fields,
  },
});

const DOCS: Readonly<Record<string, Doc>> = {
  ObjectMeta: {
    about: 'ObjectMeta is what every stored object carries.',
    fields: {
      name: 'Unique among the objects of its kind in its namespace. Cannot be changed.',
      namespace: 'The namespace that the name is unique in. Kinds of the whole cluster have none.',
      labels: 'Keys and values by which selectors find objects.',
      annotations: 'Keys and values that tools keep with the object. Nothing selects by them.',
      uid: 'Unique over time and space: an object made again under the same name gets another.',
      resourceVersion: 'Changes with every write. A client that writes with an older one is refused.',
      generation: 'Counts the changes of what is wanted.',
      creationTimestamp: 'When the server stored the object. UTC, RFC 3339.',
      deletionTimestamp: 'When the object is to be gone. Set by a deletion that something still delays.',
      ownerReferences: 'The objects that this one depends on. When all of them are gone, it is collected.',
      finalizers: 'Must be empty before the object is removed. Each entry names who has work to do first.',
      generateName: 'A prefix to which the server appends five letters when no name is given.',
    },
  },
  Pod: withMeta('Pod is one or more containers on one node that share a network namespace, an address and volumes.'),
  PodSpec: {
    about: 'PodSpec says which containers run, where, and with what around them.',
    fields: {
      containers: 'The containers that run side by side. At least one.',
      initContainers: 'Run one after the other, each to its end, before the containers start.',
      nodeName: 'The node that runs the Pod. The scheduler sets it.',
      nodeSelector: 'Labels that a node must have to get the Pod.',
      hostNetwork: "Use the node's network namespace instead of one of the Pod's own.",
      dnsPolicy: 'How resolv.conf is made: ClusterFirst, ClusterFirstWithHostNet, Default or None.',
      restartPolicy: 'Which containers are started again when they end: Always, OnFailure or Never.',
      serviceAccountName: 'The account under which the Pod speaks to the API.',
      terminationGracePeriodSeconds: 'Seconds between SIGTERM and SIGKILL when the Pod is deleted. 30 by default.',
      tolerations: 'Taints of nodes that do not keep the Pod away.',
      volumes: 'Directories that containers may mount.',
      affinity: 'Rules for the nodes and the neighbours that the Pod prefers or needs.',
      hostname: "The Pod's host name, its own name by default.",
      subdomain: 'With a headless Service of this name, the Pod gets a DNS name of its own.',
      readinessGates: 'Further conditions that must hold before the Pod counts as ready.',
    },
  },
  Container: {
    about: 'Container is one program in a Pod, from an image.',
    fields: {
      name: 'Unique in the Pod. A DNS label.',
      image: 'The image to run.',
      command: "The program, instead of the image's entry point.",
      args: "Its arguments, instead of the image's.",
      ports: 'Ports that it listens on. For people and for names: a port that is not listed is open all the same.',
      env: 'Environment variables.',
      resources: 'CPU and memory that it asks for, and may not exceed.',
      readinessProbe: 'While it fails, the Pod is taken out of the endpoints of its Services.',
      livenessProbe: 'When it fails, the container is started again.',
      startupProbe: 'Holds the other probes back until it has succeeded once.',
      volumeMounts: 'Where volumes appear in the file system of the container.',
      imagePullPolicy: 'Always, IfNotPresent or Never.',
    },
  },
  ContainerPort: {
    about: 'ContainerPort is a port of a container.',
    fields: {
      containerPort: "The port on the Pod's address.",
      hostPort: 'A port on the node that leads here.',
      name: 'A name by which Services may refer to the port.',
      protocol: 'TCP, UDP or SCTP. TCP by default.',
    },
  },
  Service: withMeta('Service is a name and a stable address for a changing set of Pods.'),
  ServiceSpec: {
    about: 'ServiceSpec says which Pods stand behind a Service and how it is reached.',
    fields: {
      type: 'ClusterIP, NodePort, LoadBalancer or ExternalName. Each of the first three includes the one before it.',
      selector: 'Labels of the Pods behind it. Without one, somebody else writes the endpoints.',
      ports: 'Ports of the Service and where each leads.',
      clusterIP: 'The virtual address. "None" makes the Service headless: its name answers the addresses of the Pods.',
      externalTrafficPolicy:
        'Cluster sends what comes from outside to any Pod; Local only to Pods of the node it came to, with the address of the client kept.',
      internalTrafficPolicy: 'The same choice for what comes from inside the cluster.',
      sessionAffinity: 'ClientIP sends a client to the same Pod again. None by default.',
      externalIPs: 'Further addresses at which nodes take traffic for the Service.',
      externalName: 'The name that DNS answers as an alias, for the type ExternalName.',
      loadBalancerSourceRanges: 'Clients outside of these ranges are kept out.',
      publishNotReadyAddresses: 'Count Pods as endpoints whether they are ready or not.',
      ipFamilyPolicy: 'SingleStack, PreferDualStack or RequireDualStack.',
      ipFamilies: 'IPv4, IPv6 or both, in the order of the addresses.',
      trafficDistribution: 'A preference for endpoints that are near the client.',
    },
  },
  ServicePort: {
    about: 'ServicePort is one port of a Service.',
    fields: {
      port: 'The port at the address of the Service.',
      targetPort: 'The port at the Pods, a number or the name of a container port. The same number by default.',
      nodePort: 'The port at every node, 30000 to 32767 unless the cluster says otherwise.',
      protocol: 'TCP, UDP or SCTP. TCP by default.',
      name: 'Needed when there is more than one port.',
      appProtocol: 'A hint on what is spoken over the port.',
    },
  },
  EndpointSlice: {
    about: 'EndpointSlice is a part of the endpoints behind a Service: at most a hundred, of one family.',
    fields: {
      ...META_FIELDS,
      addressType: 'IPv4, IPv6 or FQDN.',
      endpoints: 'The endpoints.',
      ports: 'Ports that every one of them has.',
    },
  },
  Endpoint: {
    about: 'Endpoint is one Pod, or one address outside, behind a Service.',
    fields: {
      addresses: 'Its addresses; those who read take the first.',
      conditions: 'Whether it is ready, serves, terminates.',
      nodeName: 'The node that it runs on.',
      targetRef: 'The object behind it.',
      zone: 'The zone that it is in.',
    },
  },
  NetworkPolicy: withMeta(
    'NetworkPolicy says which traffic Pods accept and send. Policies add up: what any of them allows is allowed.',
  ),
  NetworkPolicySpec: {
    about: 'NetworkPolicySpec selects Pods and lists what they may do.',
    fields: {
      podSelector: 'The Pods of the namespace that it is about. Empty means all.',
      policyTypes: 'Ingress, Egress or both. Pods are isolated in the directions that stand here.',
      ingress: 'Rules for what comes in. An empty list allows nothing.',
      egress: 'Rules for what goes out. An empty list allows nothing.',
    },
  },
  Deployment: withMeta(
    'Deployment keeps a number of equal Pods and replaces them step by step when their template changes.',
  ),
  DeploymentSpec: {
    about: 'DeploymentSpec says how many Pods, of what template, and how they are replaced.',
    fields: {
      replicas: 'How many Pods. 1 by default.',
      selector: 'The Pods that belong to it. Cannot be changed.',
      template: 'What new Pods are made from.',
      strategy: 'RollingUpdate or Recreate.',
      paused: 'While true, changes of the template wait.',
      revisionHistoryLimit: 'How many old ReplicaSets are kept to go back to.',
      minReadySeconds: 'Seconds that a Pod must be ready before it counts.',
    },
  },
  Ingress: withMeta('Ingress routes HTTP by host and path to Services. An ingress controller makes it work.'),
  Node: withMeta('Node is a machine that runs Pods.'),
  Namespace: withMeta('Namespace is a room for names.'),
  ConfigMap: {
    about: 'ConfigMap keeps configuration for Pods.',
    fields: {
      ...META_FIELDS,
      data: 'Texts by key.',
      binaryData: 'Bytes by key, in base64.',
      immutable: 'If true, nothing of it can be changed any more.',
    },
  },
};

/** What a type is for, or undefined where nothing is written. */
export const aboutType = (type: string): string | undefined => DOCS[type]?.about;

/** What a field of a type is for. */
export const aboutField = (type: string, field: string): string | undefined => DOCS[type]?.fields[field];
