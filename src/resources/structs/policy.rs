//! rbac, autoscaling, policy, scheduling, coordination, certificates.

use super::core::OBJECT_META;
use super::go_struct;
use super::pod::LABEL_SELECTOR;

go_struct! {
    pub(super) ROLE {
        ObjectMeta metadata OBJECT_META always;
        Rules rules [POLICY_RULE] always;
        AggregationRule aggregationRule any ptr;
    }
    POLICY_RULE {
        Verbs verbs [str] always;
        APIGroups apiGroups [str];
        Resources resources [str];
        ResourceNames resourceNames [str];
        NonResourceURLs nonResourceURLs [str];
    }
    pub(super) ROLE_BINDING {
        ObjectMeta metadata OBJECT_META always;
        Subjects subjects [SUBJECT];
        RoleRef roleRef ROLE_REF always;
    }
    SUBJECT {
        Kind kind str always;
        APIGroup apiGroup str;
        Name name str always;
        Namespace namespace str;
    }
    /// `RoleRef`.
    pub ROLE_REF {
        APIGroup apiGroup str;
        Kind kind str always;
        Name name str always;
    }
    pub(super) POD_DISRUPTION_BUDGET {
        ObjectMeta metadata OBJECT_META always;
        Spec spec POD_DISRUPTION_BUDGET_SPEC always;
    }
    /// `PodDisruptionBudgetSpec`.
    pub POD_DISRUPTION_BUDGET_SPEC {
        MinAvailable minAvailable ios ptr;
        Selector selector LABEL_SELECTOR ptr;
        MaxUnavailable maxUnavailable ios ptr;
        UnhealthyPodEvictionPolicy unhealthyPodEvictionPolicy str ptr;
    }
    pub(super) PRIORITY_CLASS {
        ObjectMeta metadata OBJECT_META always;
        Value value int always;
        GlobalDefault globalDefault bool;
        Description description str;
        PreemptionPolicy preemptionPolicy str ptr;
    }
    pub(super) LEASE {
        ObjectMeta metadata OBJECT_META always;
        Spec spec any always;
    }
    pub(super) API_SERVICE {
        ObjectMeta metadata OBJECT_META always;
        Spec spec API_SERVICE_SPEC always;
    }
    API_SERVICE_SPEC {
        Service service any ptr;
        Group group str;
        Version version str;
        InsecureSkipTLSVerify insecureSkipTLSVerify bool;
        CABundle caBundle str;
        GroupPriorityMinimum groupPriorityMinimum int always;
        VersionPriority versionPriority int always;
    }
    pub(super) RUNTIME_CLASS {
        ObjectMeta metadata OBJECT_META always;
        Handler handler str always;
        Overhead overhead RUNTIME_OVERHEAD ptr;
        Scheduling scheduling any ptr;
    }
    RUNTIME_OVERHEAD {
        PodFixed podFixed {qty};
    }
    pub(super) CUSTOM_RESOURCE {
        ObjectMeta metadata OBJECT_META always;
    }
    pub(super) CUSTOM_RESOURCE_DEFINITION {
        ObjectMeta metadata OBJECT_META always;
        Spec spec CUSTOM_RESOURCE_DEFINITION_SPEC always;
    }
    CUSTOM_RESOURCE_DEFINITION_SPEC {
        Group group str always;
        Names names any;
        Scope scope str always;
        Versions versions any;
        Conversion conversion any;
        PreserveUnknownFields preserveUnknownFields bool;
    }
    pub(super) CERTIFICATE_SIGNING_REQUEST {
        ObjectMeta metadata OBJECT_META always;
        Spec spec CERTIFICATE_SIGNING_REQUEST_SPEC always;
    }
    CERTIFICATE_SIGNING_REQUEST_SPEC {
        Request request str always;
        SignerName signerName str always;
        ExpirationSeconds expirationSeconds int ptr;
        Usages usages [str];
        Username username str;
        UID uid str;
        Groups groups [str];
        Extra extra any;
    }
    pub(super) HORIZONTAL_POD_AUTOSCALER {
        ObjectMeta metadata OBJECT_META always;
        Spec spec HORIZONTAL_POD_AUTOSCALER_SPEC always;
    }
    HORIZONTAL_POD_AUTOSCALER_SPEC {
        ScaleTargetRef scaleTargetRef CROSS_REFERENCE always;
        MinReplicas minReplicas int ptr;
        MaxReplicas maxReplicas int always;
        Metrics metrics [METRIC];
        Behavior behavior BEHAVIOR ptr;
    }
    CROSS_REFERENCE {
        Kind kind str always;
        Name name str always;
        APIVersion apiVersion str;
    }
    METRIC {
        Type type str always;
        Object object OBJECT_METRIC ptr;
        Pods pods POD_METRIC ptr;
        Resource resource RESOURCE_METRIC ptr;
        ContainerResource containerResource CONTAINER_RESOURCE_METRIC ptr;
        External external POD_METRIC ptr;
    }
    OBJECT_METRIC {
        DescribedObject describedObject CROSS_REFERENCE always;
        Target target TARGET always;
        Metric metric METRIC_NAME always;
    }
    POD_METRIC {
        Metric metric METRIC_NAME always;
        Target target TARGET always;
    }
    RESOURCE_METRIC {
        Name name str always;
        Target target TARGET always;
    }
    CONTAINER_RESOURCE_METRIC {
        Name name str always;
        Container container str always;
        Target target TARGET always;
    }
    METRIC_NAME {
        Name name str always;
        Selector selector LABEL_SELECTOR ptr;
    }
    TARGET {
        Type type str always;
        Value value qty ptr;
        AverageValue averageValue qty ptr;
        AverageUtilization averageUtilization int ptr;
    }
    BEHAVIOR {
        ScaleUp scaleUp SCALING_RULES ptr;
        ScaleDown scaleDown SCALING_RULES ptr;
    }
    SCALING_RULES {
        StabilizationWindowSeconds stabilizationWindowSeconds int ptr;
        SelectPolicy selectPolicy str ptr;
        Policies policies [SCALING_POLICY];
        Tolerance tolerance qty ptr;
    }
    SCALING_POLICY {
        Type type str always;
        Value value int always;
        PeriodSeconds periodSeconds int always;
    }
}
