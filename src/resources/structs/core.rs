//! The other kinds of the core group.

use super::go_struct;
use super::pod::{LABEL_SELECTOR, LOCAL_REFERENCE};
use super::volume::OBJECT_REFERENCE;

go_struct! {
    /// `metav1.ObjectMeta`.
    pub(super) OBJECT_META {
        name name str;
        generateName generateName str;
        namespace namespace str;
        selfLink selfLink str;
        uid uid str;
        resourceVersion resourceVersion str;
        generation generation int;
        creationTimestamp creationTimestamp any;
        deletionTimestamp deletionTimestamp any ptr;
        deletionGracePeriodSeconds deletionGracePeriodSeconds int ptr;
        labels labels {str};
        annotations annotations {str};
        ownerReferences ownerReferences [OWNER];
        finalizers finalizers [str];
        managedFields managedFields [any];
    }
    OWNER {
        apiVersion apiVersion str always;
        kind kind str always;
        name name str always;
        uid uid str always;
        controller controller bool ptr;
        blockOwnerDeletion blockOwnerDeletion bool ptr;
    }

    pub(super) SERVICE {
        ObjectMeta metadata OBJECT_META always;
        Spec spec SERVICE_SPEC;
    }
    SERVICE_SPEC {
        Type type str;
        Ports ports [SERVICE_PORT];
        Selector selector {str};
        ClusterIP clusterIP str;
        ClusterIPs clusterIPs [str];
        IPFamilies ipFamilies [str];
        IPFamilyPolicy ipFamilyPolicy str ptr;
        ExternalName externalName str;
        ExternalIPs externalIPs [str];
        LoadBalancerIP loadBalancerIP str;
        SessionAffinity sessionAffinity str;
        SessionAffinityConfig sessionAffinityConfig AFFINITY_CONFIG ptr;
        LoadBalancerSourceRanges loadBalancerSourceRanges [str];
        ExternalTrafficPolicy externalTrafficPolicy str;
        HealthCheckNodePort healthCheckNodePort int;
        PublishNotReadyAddresses publishNotReadyAddresses bool;
        AllocateLoadBalancerNodePorts allocateLoadBalancerNodePorts bool ptr;
        LoadBalancerClass loadBalancerClass str ptr;
        InternalTrafficPolicy internalTrafficPolicy str ptr;
        TrafficDistribution trafficDistribution str ptr;
    }
    AFFINITY_CONFIG {
        ClientIP clientIP CLIENT_IP ptr;
    }
    CLIENT_IP {
        TimeoutSeconds timeoutSeconds int ptr;
    }
    /// `ServicePort`.
    pub SERVICE_PORT {
        Name name str;
        Protocol protocol str;
        AppProtocol appProtocol str ptr;
        Port port int always;
        TargetPort targetPort ios always;
        NodePort nodePort int;
    }

    pub(super) CLAIM {
        ObjectMeta metadata OBJECT_META always;
        Spec spec CLAIM_SPEC always;
        Status status any always;
    }
    /// `PersistentVolumeClaimSpec`.
    pub CLAIM_SPEC {
        AccessModes accessModes [str];
        Selector selector LABEL_SELECTOR ptr;
        Resources resources CLAIM_RESOURCES always;
        VolumeName volumeName str;
        StorageClassName storageClassName str ptr;
        VolumeMode volumeMode str ptr;
        DataSource dataSource TYPED_REFERENCE ptr;
        DataSourceRef dataSourceRef TYPED_OBJECT_REFERENCE ptr;
        VolumeAttributesClassName volumeAttributesClassName str ptr;
    }
    CLAIM_RESOURCES {
        Limits limits {qty};
        Requests requests {qty};
    }
    pub(super) TYPED_REFERENCE {
        APIGroup apiGroup str ptr;
        Kind kind str always;
        Name name str always;
    }
    TYPED_OBJECT_REFERENCE {
        APIGroup apiGroup str ptr;
        Kind kind str always;
        Name name str always;
        Namespace namespace str ptr;
    }

    pub(super) CONFIG_MAP {
        ObjectMeta metadata OBJECT_META always;
        Immutable immutable bool ptr;
        Data data {str};
        BinaryData binaryData {str};
    }
    pub(super) SECRET {
        ObjectMeta metadata OBJECT_META always;
        Immutable immutable bool ptr;
        Data data {str};
        StringData stringData {str};
        Type type str;
    }
    pub(super) SERVICE_ACCOUNT {
        ObjectMeta metadata OBJECT_META always;
        Secrets secrets [OBJECT_REFERENCE];
        ImagePullSecrets imagePullSecrets [LOCAL_REFERENCE];
        AutomountServiceAccountToken automountServiceAccountToken bool ptr;
    }
    pub(super) NAMESPACE {
        ObjectMeta metadata OBJECT_META always;
        Spec spec NAMESPACE_SPEC always;
    }
    NAMESPACE_SPEC {
        Finalizers finalizers [str];
    }
    pub(super) NODE {
        ObjectMeta metadata OBJECT_META always;
        Spec spec NODE_SPEC always;
    }
    NODE_SPEC {
        PodCIDRs podCIDRs [str];
        ProviderID providerID str;
        Unschedulable unschedulable bool;
        Taints taints [TAINT];
        ConfigSource configSource any ptr;
        Versioned podCIDR str;
        Versioned externalID str;
    }
    /// `Taint`.
    pub TAINT {
        Key key str always;
        Value value str;
        Effect effect str always;
        TimeAdded timeAdded any ptr;
    }
    pub(super) ENDPOINTS {
        ObjectMeta metadata OBJECT_META always;
        Subsets subsets [SUBSET];
    }
    SUBSET {
        Addresses addresses [ADDRESS];
        NotReadyAddresses notReadyAddresses [ADDRESS];
        Ports ports [ENDPOINT_PORT];
    }
    ADDRESS {
        IP ip str always;
        Hostname hostname str;
        NodeName nodeName str ptr;
        TargetRef targetRef OBJECT_REFERENCE ptr;
    }
    ENDPOINT_PORT {
        Name name str;
        Port port int always;
        Protocol protocol str;
        AppProtocol appProtocol str ptr;
    }
    pub(super) EVENT {
        ObjectMeta metadata OBJECT_META always;
        InvolvedObject involvedObject OBJECT_REFERENCE always;
        Reason reason str;
        Message message str;
        Source source EVENT_SOURCE;
        FirstTimestamp firstTimestamp any always;
        LastTimestamp lastTimestamp any always;
        Count count int;
        Type type str;
        EventTime eventTime any always;
        Series series any ptr;
        Action action str;
        Related related OBJECT_REFERENCE ptr;
        ReportingController reportingComponent str always;
        ReportingInstance reportingInstance str always;
    }
    EVENT_SOURCE {
        Component component str;
        Host host str;
    }
    pub(super) RESOURCE_QUOTA {
        ObjectMeta metadata OBJECT_META always;
        Spec spec RESOURCE_QUOTA_SPEC always;
    }
    RESOURCE_QUOTA_SPEC {
        Hard hard {qty};
        Scopes scopes [str];
        ScopeSelector scopeSelector SCOPE_SELECTOR ptr;
    }
    pub(super) SCOPE_SELECTOR {
        MatchExpressions matchExpressions [SCOPE_REQUIREMENT];
    }
    SCOPE_REQUIREMENT {
        ScopeName scopeName str always;
        Operator operator str always;
        Values values [str];
    }
    pub(super) LIMIT_RANGE {
        ObjectMeta metadata OBJECT_META always;
        Spec spec LIMIT_RANGE_SPEC always;
    }
    LIMIT_RANGE_SPEC {
        Limits limits [LIMIT_RANGE_ITEM] always;
    }
    LIMIT_RANGE_ITEM {
        Type type str always;
        Max max {qty};
        Min min {qty};
        Default default {qty};
        DefaultRequest defaultRequest {qty};
        MaxLimitRequestRatio maxLimitRequestRatio {qty};
    }
}
