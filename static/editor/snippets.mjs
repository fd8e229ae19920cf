// Manifests to begin with, named as kubectl's short names are. `${}` is where the cursor goes, one after the other.
const labels = (indent) => `${indent}app: \${name}`;
const template = (indent) => `${indent}template:
${indent}  metadata:
${indent}    labels:
${labels(`${indent}      `)}
${indent}  spec:
${indent}    containers:
${indent}    - name: \${name}
${indent}      image: \${image}`;
const workload = (kind, more = '') => `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: \${name}
spec:
${more}  selector:
    matchLabels:
${labels('      ')}
${template('  ')}
`;
const plain = (version, kind, rest) => `apiVersion: ${version}\nkind: ${kind}\nmetadata:\n  name: \${name}\n${rest}`;

export const SNIPPETS = [
  { label: 'pod', detail: 'Pod', text: plain('v1', 'Pod', 'spec:\n  containers:\n  - name: ${name}\n    image: ${image}\n') },
  { label: 'deploy', detail: 'Deployment', text: workload('Deployment', '  replicas: ${1}\n') },
  { label: 'sts', detail: 'StatefulSet', text: workload('StatefulSet', '  serviceName: ${name}\n  replicas: ${1}\n') },
  { label: 'ds', detail: 'DaemonSet', text: workload('DaemonSet') },
  { label: 'svc', detail: 'Service', text: plain('v1', 'Service', 'spec:\n  selector:\n    app: ${name}\n  ports:\n  - port: ${80}\n    targetPort: ${80}\n') },
  { label: 'cm', detail: 'ConfigMap', text: plain('v1', 'ConfigMap', 'data:\n  ${key}: ${value}\n') },
  { label: 'secret', detail: 'Secret', text: plain('v1', 'Secret', 'stringData:\n  ${key}: ${value}\n') },
  { label: 'pvc', detail: 'PersistentVolumeClaim', text: plain('v1', 'PersistentVolumeClaim', 'spec:\n  accessModes:\n  - ReadWriteOnce\n  resources:\n    requests:\n      storage: ${1Gi}\n') },
  { label: 'job', detail: 'Job', text: plain('batch/v1', 'Job', 'spec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n      - name: ${name}\n        image: ${image}\n        command: [${command}]\n') },
  { label: 'cronjob', detail: 'CronJob', text: plain('batch/v1', 'CronJob', 'spec:\n  schedule: "${*/5 * * * *}"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers:\n          - name: ${name}\n            image: ${image}\n') },
  { label: 'ns', detail: 'Namespace', text: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n' },
];
