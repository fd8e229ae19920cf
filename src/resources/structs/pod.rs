//! `Pod` and what it is made of (pkg/apis/core/types.go).

use super::core::{CLAIM_SPEC, OBJECT_META};
use super::go_struct;
use super::volume::*;

go_struct! {
    pub(super) POD {
        ObjectMeta metadata OBJECT_META always;
        Spec spec POD_SPEC;
    }

    /// `PodTemplateSpec`.
    pub POD_TEMPLATE {
        ObjectMeta metadata OBJECT_META always;
        Spec spec POD_SPEC always;
    }

    /// `PodSpec`.
    pub POD_SPEC {
        Volumes volumes [VOLUME];
        InitContainers initContainers [CONTAINER];
        Containers containers [CONTAINER] always;
        EphemeralContainers ephemeralContainers [EPHEMERAL_CONTAINER];
        RestartPolicy restartPolicy str;
        TerminationGracePeriodSeconds terminationGracePeriodSeconds int ptr;
        ActiveDeadlineSeconds activeDeadlineSeconds int ptr;
        DNSPolicy dnsPolicy str;
        NodeSelector nodeSelector {str};
        ServiceAccountName serviceAccountName str;
        AutomountServiceAccountToken automountServiceAccountToken bool ptr;
        NodeName nodeName str;
        SecurityContext securityContext POD_SECURITY_CONTEXT ptr;
        ImagePullSecrets imagePullSecrets [LOCAL_REFERENCE];
        Hostname hostname str;
        Subdomain subdomain str;
        SetHostnameAsFQDN setHostnameAsFQDN bool ptr;
        Affinity affinity AFFINITY ptr;
        SchedulerName schedulerName str;
        Tolerations tolerations [TOLERATION];
        HostAliases hostAliases [HOST_ALIAS];
        PriorityClassName priorityClassName str;
        Priority priority int ptr;
        PreemptionPolicy preemptionPolicy str ptr;
        DNSConfig dnsConfig DNS_CONFIG ptr;
        ReadinessGates readinessGates [READINESS_GATE];
        RuntimeClassName runtimeClassName str ptr;
        Overhead overhead {qty};
        EnableServiceLinks enableServiceLinks bool ptr;
        TopologySpreadConstraints topologySpreadConstraints [TOPOLOGY_SPREAD_CONSTRAINT];
        OS os POD_OS ptr;
        SchedulingGates schedulingGates [SCHEDULING_GATE];
        ResourceClaims resourceClaims [RESOURCE_CLAIM];
        Resources resources RESOURCES ptr;
        HostnameOverride hostnameOverride str ptr;
        SchedulingGroup schedulingGroup any ptr;
        // In the version these stand in the spec, inside in its security context.
        Versioned hostNetwork bool;
        Versioned hostPID bool;
        Versioned hostIPC bool;
        Versioned shareProcessNamespace bool ptr;
        Versioned hostUsers bool ptr;
        Versioned serviceAccount str;
    }

    POD_SECURITY_CONTEXT {
        HostNetwork hostNetwork bool;
        HostPID hostPID bool;
        HostIPC hostIPC bool;
        ShareProcessNamespace shareProcessNamespace bool ptr;
        HostUsers hostUsers bool ptr;
        SELinuxOptions seLinuxOptions SE_LINUX_OPTIONS ptr;
        WindowsOptions windowsOptions WINDOWS_OPTIONS ptr;
        RunAsUser runAsUser int ptr;
        RunAsGroup runAsGroup int ptr;
        RunAsNonRoot runAsNonRoot bool ptr;
        SupplementalGroups supplementalGroups [int];
        SupplementalGroupsPolicy supplementalGroupsPolicy str ptr;
        FSGroup fsGroup int ptr;
        FSGroupChangePolicy fsGroupChangePolicy str ptr;
        Sysctls sysctls [NAME_AND_VALUE];
        SeccompProfile seccompProfile PROFILE ptr;
        AppArmorProfile appArmorProfile PROFILE ptr;
        SELinuxChangePolicy seLinuxChangePolicy str ptr;
    }
    SE_LINUX_OPTIONS {
        User user str;
        Role role str;
        Type type str;
        Level level str;
    }
    WINDOWS_OPTIONS {
        GMSACredentialSpecName gmsaCredentialSpecName str ptr;
        GMSACredentialSpec gmsaCredentialSpec str ptr;
        RunAsUserName runAsUserName str ptr;
        HostProcess hostProcess bool ptr;
    }
    PROFILE {
        Type type str always;
        LocalhostProfile localhostProfile str ptr;
    }
    NAME_AND_VALUE {
        Name name str always;
        Value value str always;
    }

    CONTAINER {
        Name name str always;
        Image image str;
        Command command [str];
        Args args [str];
        WorkingDir workingDir str;
        Ports ports [CONTAINER_PORT];
        EnvFrom envFrom [ENV_FROM];
        Env env [ENV];
        Resources resources RESOURCES;
        ResizePolicy resizePolicy [RESIZE_POLICY];
        RestartPolicy restartPolicy str ptr;
        RestartPolicyRules restartPolicyRules [RESTART_RULE];
        VolumeMounts volumeMounts [VOLUME_MOUNT];
        VolumeDevices volumeDevices [VOLUME_DEVICE];
        LivenessProbe livenessProbe PROBE ptr;
        ReadinessProbe readinessProbe PROBE ptr;
        StartupProbe startupProbe PROBE ptr;
        Lifecycle lifecycle LIFECYCLE ptr;
        TerminationMessagePath terminationMessagePath str;
        TerminationMessagePolicy terminationMessagePolicy str;
        ImagePullPolicy imagePullPolicy str;
        SecurityContext securityContext SECURITY_CONTEXT ptr;
        Stdin stdin bool;
        StdinOnce stdinOnce bool;
        TTY tty bool;
    }
    EPHEMERAL_CONTAINER {
        Name name str always;
        Image image str;
        Command command [str];
        Args args [str];
        WorkingDir workingDir str;
        Ports ports [CONTAINER_PORT];
        EnvFrom envFrom [ENV_FROM];
        Env env [ENV];
        Resources resources RESOURCES;
        ResizePolicy resizePolicy [RESIZE_POLICY];
        RestartPolicy restartPolicy str ptr;
        RestartPolicyRules restartPolicyRules [RESTART_RULE];
        VolumeMounts volumeMounts [VOLUME_MOUNT];
        VolumeDevices volumeDevices [VOLUME_DEVICE];
        LivenessProbe livenessProbe PROBE ptr;
        ReadinessProbe readinessProbe PROBE ptr;
        StartupProbe startupProbe PROBE ptr;
        Lifecycle lifecycle LIFECYCLE ptr;
        TerminationMessagePath terminationMessagePath str;
        TerminationMessagePolicy terminationMessagePolicy str;
        ImagePullPolicy imagePullPolicy str;
        SecurityContext securityContext SECURITY_CONTEXT ptr;
        Stdin stdin bool;
        StdinOnce stdinOnce bool;
        TTY tty bool;
        TargetContainerName targetContainerName str;
    }
    CONTAINER_PORT {
        Name name str;
        HostPort hostPort int;
        ContainerPort containerPort int always;
        Protocol protocol str;
        HostIP hostIP str;
    }
    ENV_FROM {
        Prefix prefix str;
        ConfigMapRef configMapRef OPTIONAL_REFERENCE ptr;
        SecretRef secretRef OPTIONAL_REFERENCE ptr;
    }
    OPTIONAL_REFERENCE {
        Name name str;
        Optional optional bool ptr;
    }
    ENV {
        Name name str always;
        Value value str;
        ValueFrom valueFrom ENV_SOURCE ptr;
    }
    ENV_SOURCE {
        FieldRef fieldRef FIELD_SELECTOR ptr;
        ResourceFieldRef resourceFieldRef RESOURCE_FIELD_SELECTOR ptr;
        ConfigMapKeyRef configMapKeyRef KEY_SELECTOR ptr;
        SecretKeyRef secretKeyRef KEY_SELECTOR ptr;
        FileKeyRef fileKeyRef FILE_KEY_SELECTOR ptr;
    }
    pub(super) FIELD_SELECTOR {
        APIVersion apiVersion str;
        FieldPath fieldPath str always;
    }
    pub(super) RESOURCE_FIELD_SELECTOR {
        ContainerName containerName str;
        Resource resource str always;
        Divisor divisor qty always;
    }
    KEY_SELECTOR {
        Name name str;
        Key key str always;
        Optional optional bool ptr;
    }
    FILE_KEY_SELECTOR {
        VolumeName volumeName str always;
        Path path str always;
        Key key str always;
        Optional optional bool ptr;
    }
    RESOURCES {
        Limits limits {qty};
        Requests requests {qty};
        Claims claims [CLAIM_NAME];
    }
    CLAIM_NAME {
        Name name str always;
        Request request str;
    }
    RESIZE_POLICY {
        ResourceName resourceName str always;
        RestartPolicy restartPolicy str always;
    }
    RESTART_RULE {
        Action action str;
        ExitCodes exitCodes EXIT_CODES ptr;
    }
    EXIT_CODES {
        Operator operator str;
        Values values [int];
    }
    VOLUME_MOUNT {
        Name name str always;
        ReadOnly readOnly bool;
        RecursiveReadOnly recursiveReadOnly str ptr;
        MountPath mountPath str always;
        SubPath subPath str;
        MountPropagation mountPropagation str ptr;
        SubPathExpr subPathExpr str;
    }
    VOLUME_DEVICE {
        Name name str always;
        DevicePath devicePath str always;
    }
    PROBE {
        Exec exec EXEC ptr;
        HTTPGet httpGet HTTP_GET ptr;
        TCPSocket tcpSocket TCP_SOCKET ptr;
        GRPC grpc GRPC ptr;
        InitialDelaySeconds initialDelaySeconds int;
        TimeoutSeconds timeoutSeconds int;
        PeriodSeconds periodSeconds int;
        SuccessThreshold successThreshold int;
        FailureThreshold failureThreshold int;
        TerminationGracePeriodSeconds terminationGracePeriodSeconds int ptr;
    }
    EXEC {
        Command command [str];
    }
    HTTP_GET {
        Path path str;
        Port port ios always;
        Host host str;
        Scheme scheme str;
        HTTPHeaders httpHeaders [NAME_AND_VALUE];
    }
    TCP_SOCKET {
        Port port ios always;
        Host host str;
    }
    GRPC {
        Port port int always;
        Service service str ptr;
    }
    LIFECYCLE {
        PostStart postStart HANDLER ptr;
        PreStop preStop HANDLER ptr;
        StopSignal stopSignal str ptr;
    }
    HANDLER {
        Exec exec EXEC ptr;
        HTTPGet httpGet HTTP_GET ptr;
        TCPSocket tcpSocket TCP_SOCKET ptr;
        Sleep sleep SLEEP ptr;
    }
    SLEEP {
        Seconds seconds int always;
    }
    /// `SecurityContext` of a container.
    pub SECURITY_CONTEXT {
        Capabilities capabilities CAPABILITIES ptr;
        Privileged privileged bool ptr;
        SELinuxOptions seLinuxOptions SE_LINUX_OPTIONS ptr;
        WindowsOptions windowsOptions WINDOWS_OPTIONS ptr;
        RunAsUser runAsUser int ptr;
        RunAsGroup runAsGroup int ptr;
        RunAsNonRoot runAsNonRoot bool ptr;
        ReadOnlyRootFilesystem readOnlyRootFilesystem bool ptr;
        AllowPrivilegeEscalation allowPrivilegeEscalation bool ptr;
        ProcMount procMount str ptr;
        SeccompProfile seccompProfile PROFILE ptr;
        AppArmorProfile appArmorProfile PROFILE ptr;
    }
    CAPABILITIES {
        Add add [str];
        Drop drop [str];
    }

    AFFINITY {
        NodeAffinity nodeAffinity NODE_AFFINITY ptr;
        PodAffinity podAffinity POD_AFFINITY ptr;
        PodAntiAffinity podAntiAffinity POD_AFFINITY ptr;
    }
    NODE_AFFINITY {
        RequiredDuringSchedulingIgnoredDuringExecution requiredDuringSchedulingIgnoredDuringExecution NODE_SELECTOR ptr;
        PreferredDuringSchedulingIgnoredDuringExecution preferredDuringSchedulingIgnoredDuringExecution [PREFERRED_TERM];
    }
    pub(super) NODE_SELECTOR {
        NodeSelectorTerms nodeSelectorTerms [NODE_SELECTOR_TERM] always;
    }
    NODE_SELECTOR_TERM {
        MatchExpressions matchExpressions [NODE_SELECTOR_REQUIREMENT];
        MatchFields matchFields [NODE_SELECTOR_REQUIREMENT];
    }
    NODE_SELECTOR_REQUIREMENT {
        Key key str always;
        Operator operator str always;
        Values values [str];
    }
    PREFERRED_TERM {
        Weight weight int always;
        Preference preference NODE_SELECTOR_TERM always;
    }
    POD_AFFINITY {
        RequiredDuringSchedulingIgnoredDuringExecution requiredDuringSchedulingIgnoredDuringExecution [POD_AFFINITY_TERM];
        PreferredDuringSchedulingIgnoredDuringExecution preferredDuringSchedulingIgnoredDuringExecution [WEIGHTED_TERM];
    }
    WEIGHTED_TERM {
        Weight weight int always;
        PodAffinityTerm podAffinityTerm POD_AFFINITY_TERM always;
    }
    POD_AFFINITY_TERM {
        LabelSelector labelSelector LABEL_SELECTOR ptr;
        Namespaces namespaces [str];
        TopologyKey topologyKey str always;
        NamespaceSelector namespaceSelector LABEL_SELECTOR ptr;
        MatchLabelKeys matchLabelKeys [str];
        MismatchLabelKeys mismatchLabelKeys [str];
    }
    /// `metav1.LabelSelector`.
    pub(super) LABEL_SELECTOR {
        matchLabels matchLabels {str};
        matchExpressions matchExpressions [LABEL_REQUIREMENT];
    }
    LABEL_REQUIREMENT {
        key key str always;
        operator operator str always;
        values values [str];
    }
    TOLERATION {
        Key key str;
        Operator operator str;
        Value value str;
        Effect effect str;
        TolerationSeconds tolerationSeconds int ptr;
    }
    HOST_ALIAS {
        IP ip str always;
        Hostnames hostnames [str];
    }
    DNS_CONFIG {
        Nameservers nameservers [str];
        Searches searches [str];
        Options options [DNS_OPTION];
    }
    DNS_OPTION {
        Name name str;
        Value value str ptr;
    }
    READINESS_GATE {
        ConditionType conditionType str always;
    }
    TOPOLOGY_SPREAD_CONSTRAINT {
        MaxSkew maxSkew int always;
        TopologyKey topologyKey str always;
        WhenUnsatisfiable whenUnsatisfiable str always;
        LabelSelector labelSelector LABEL_SELECTOR ptr;
        MinDomains minDomains int ptr;
        NodeAffinityPolicy nodeAffinityPolicy str ptr;
        NodeTaintsPolicy nodeTaintsPolicy str ptr;
        MatchLabelKeys matchLabelKeys [str];
    }
    POD_OS {
        Name name str always;
    }
    SCHEDULING_GATE {
        Name name str always;
    }
    /// `PodResourceClaim`.
    pub RESOURCE_CLAIM {
        Name name str always;
        ResourceClaimName resourceClaimName str ptr;
        ResourceClaimTemplateName resourceClaimTemplateName str ptr;
    }
    pub(super) LOCAL_REFERENCE {
        Name name str;
    }

    VOLUME {
        Name name str always;
        HostPath hostPath HOST_PATH ptr;
        EmptyDir emptyDir EMPTY_DIR ptr;
        GCEPersistentDisk gcePersistentDisk GCE_DISK ptr;
        AWSElasticBlockStore awsElasticBlockStore AWS_STORE ptr;
        GitRepo gitRepo GIT_REPO ptr;
        Secret secret SECRET_SOURCE ptr;
        NFS nfs NFS ptr;
        ISCSI iscsi ISCSI ptr;
        Glusterfs glusterfs GLUSTERFS ptr;
        PersistentVolumeClaim persistentVolumeClaim CLAIM_SOURCE ptr;
        RBD rbd RBD ptr;
        Quobyte quobyte QUOBYTE ptr;
        FlexVolume flexVolume FLEX_VOLUME ptr;
        Cinder cinder CINDER ptr;
        CephFS cephfs CEPH_FS ptr;
        Flocker flocker FLOCKER ptr;
        DownwardAPI downwardAPI DOWNWARD_API ptr;
        FC fc FC ptr;
        AzureFile azureFile AZURE_FILE ptr;
        ConfigMap configMap CONFIG_MAP_SOURCE ptr;
        VsphereVolume vsphereVolume VSPHERE ptr;
        AzureDisk azureDisk AZURE_DISK ptr;
        PhotonPersistentDisk photonPersistentDisk PHOTON ptr;
        Projected projected PROJECTED ptr;
        PortworxVolume portworxVolume PORTWORX ptr;
        ScaleIO scaleIO SCALE_IO ptr;
        StorageOS storageos STORAGE_OS ptr;
        CSI csi CSI_INLINE ptr;
        Ephemeral ephemeral EPHEMERAL ptr;
        Image image IMAGE ptr;
    }
    EMPTY_DIR {
        Medium medium str;
        SizeLimit sizeLimit qty ptr;
    }
    GIT_REPO {
        Repository repository str always;
        Revision revision str;
        Directory directory str;
    }
    SECRET_SOURCE {
        SecretName secretName str;
        Items items [KEY_TO_PATH];
        DefaultMode defaultMode int ptr;
        Optional optional bool ptr;
    }
    CONFIG_MAP_SOURCE {
        Name name str;
        Items items [KEY_TO_PATH];
        DefaultMode defaultMode int ptr;
        Optional optional bool ptr;
    }
    KEY_TO_PATH {
        Key key str always;
        Path path str always;
        Mode mode int ptr;
    }
    CLAIM_SOURCE {
        ClaimName claimName str always;
        ReadOnly readOnly bool;
    }
    DOWNWARD_API {
        Items items [DOWNWARD_FILE];
        DefaultMode defaultMode int ptr;
    }
    DOWNWARD_FILE {
        Path path str always;
        FieldRef fieldRef FIELD_SELECTOR ptr;
        ResourceFieldRef resourceFieldRef RESOURCE_FIELD_SELECTOR ptr;
        Mode mode int ptr;
    }
    PROJECTED {
        Sources sources [PROJECTION] always;
        DefaultMode defaultMode int ptr;
    }
    PROJECTION {
        Secret secret PROJECTED_KEYS ptr;
        DownwardAPI downwardAPI DOWNWARD_PROJECTION ptr;
        ConfigMap configMap PROJECTED_KEYS ptr;
        ServiceAccountToken serviceAccountToken TOKEN ptr;
        ClusterTrustBundle clusterTrustBundle TRUST_BUNDLE ptr;
        PodCertificate podCertificate any ptr;
    }
    PROJECTED_KEYS {
        Name name str;
        Items items [KEY_TO_PATH];
        Optional optional bool ptr;
    }
    DOWNWARD_PROJECTION {
        Items items [DOWNWARD_FILE];
    }
    TOKEN {
        Audience audience str;
        ExpirationSeconds expirationSeconds int ptr;
        Path path str always;
    }
    TRUST_BUNDLE {
        Name name str ptr;
        SignerName signerName str ptr;
        LabelSelector labelSelector LABEL_SELECTOR ptr;
        Optional optional bool ptr;
        Path path str always;
    }
    CSI_INLINE {
        Driver driver str always;
        ReadOnly readOnly bool ptr;
        FSType fsType str ptr;
        VolumeAttributes volumeAttributes {str};
        NodePublishSecretRef nodePublishSecretRef LOCAL_REFERENCE ptr;
    }
    EPHEMERAL {
        VolumeClaimTemplate volumeClaimTemplate CLAIM_TEMPLATE ptr;
    }
    CLAIM_TEMPLATE {
        ObjectMeta metadata OBJECT_META;
        Spec spec CLAIM_SPEC always;
    }
    IMAGE {
        Reference reference str;
        PullPolicy pullPolicy str;
    }
}
