//! The kinds that make Pods (apps, batch).

use super::core::{CLAIM, OBJECT_META};
use super::go_struct;
use super::pod::{LABEL_SELECTOR, POD_TEMPLATE};

go_struct! {
    pub(super) DEPLOYMENT {
        ObjectMeta metadata OBJECT_META always;
        Spec spec DEPLOYMENT_SPEC always;
    }
    DEPLOYMENT_SPEC {
        Replicas replicas int ptr;
        Selector selector LABEL_SELECTOR ptr;
        Template template POD_TEMPLATE always;
        Strategy strategy DEPLOYMENT_STRATEGY always;
        MinReadySeconds minReadySeconds int;
        RevisionHistoryLimit revisionHistoryLimit int ptr;
        Paused paused bool;
        ProgressDeadlineSeconds progressDeadlineSeconds int ptr;
    }
    /// `DeploymentStrategy`.
    pub DEPLOYMENT_STRATEGY {
        Type type str;
        RollingUpdate rollingUpdate ROLLING_UPDATE ptr;
    }
    ROLLING_UPDATE {
        MaxUnavailable maxUnavailable ios ptr;
        MaxSurge maxSurge ios ptr;
    }
    pub(super) REPLICA_SET {
        ObjectMeta metadata OBJECT_META always;
        Spec spec REPLICA_SET_SPEC always;
    }
    REPLICA_SET_SPEC {
        Replicas replicas int ptr;
        MinReadySeconds minReadySeconds int;
        Selector selector LABEL_SELECTOR ptr;
        Template template POD_TEMPLATE;
    }
    pub(super) REPLICATION_CONTROLLER {
        ObjectMeta metadata OBJECT_META always;
        Spec spec REPLICATION_CONTROLLER_SPEC always;
    }
    REPLICATION_CONTROLLER_SPEC {
        Replicas replicas int ptr;
        MinReadySeconds minReadySeconds int;
        Selector selector {str};
        Template template POD_TEMPLATE ptr;
    }
    pub(super) STATEFUL_SET {
        ObjectMeta metadata OBJECT_META always;
        Spec spec STATEFUL_SET_SPEC always;
    }
    STATEFUL_SET_SPEC {
        Replicas replicas int ptr;
        Selector selector LABEL_SELECTOR ptr;
        Template template POD_TEMPLATE always;
        VolumeClaimTemplates volumeClaimTemplates [CLAIM];
        ServiceName serviceName str always;
        PodManagementPolicy podManagementPolicy str;
        UpdateStrategy updateStrategy STATEFUL_SET_STRATEGY always;
        RevisionHistoryLimit revisionHistoryLimit int ptr;
        MinReadySeconds minReadySeconds int;
        PersistentVolumeClaimRetentionPolicy persistentVolumeClaimRetentionPolicy RETENTION ptr;
        Ordinals ordinals ORDINALS ptr;
    }
    /// `StatefulSetUpdateStrategy`.
    pub STATEFUL_SET_STRATEGY {
        Type type str;
        RollingUpdate rollingUpdate STATEFUL_SET_ROLLING_UPDATE ptr;
    }
    /// `RollingUpdateStatefulSetStrategy`.
    pub STATEFUL_SET_ROLLING_UPDATE {
        Partition partition int ptr;
        MaxUnavailable maxUnavailable ios ptr;
    }
    RETENTION {
        WhenDeleted whenDeleted str;
        WhenScaled whenScaled str;
    }
    ORDINALS {
        Start start int always;
    }
    pub(super) DAEMON_SET {
        ObjectMeta metadata OBJECT_META always;
        Spec spec DAEMON_SET_SPEC always;
    }
    DAEMON_SET_SPEC {
        Selector selector LABEL_SELECTOR ptr;
        Template template POD_TEMPLATE always;
        UpdateStrategy updateStrategy DAEMON_SET_STRATEGY always;
        MinReadySeconds minReadySeconds int;
        RevisionHistoryLimit revisionHistoryLimit int ptr;
    }
    /// `DaemonSetUpdateStrategy`.
    pub DAEMON_SET_STRATEGY {
        Type type str;
        RollingUpdate rollingUpdate ROLLING_UPDATE ptr;
    }
    pub(super) CONTROLLER_REVISION {
        ObjectMeta metadata OBJECT_META always;
        Data data any;
        Revision revision int always;
    }

    pub(super) JOB {
        ObjectMeta metadata OBJECT_META always;
        Spec spec JOB_SPEC always;
    }
    JOB_SPEC {
        Parallelism parallelism int ptr;
        Completions completions int ptr;
        PodFailurePolicy podFailurePolicy POD_FAILURE_POLICY ptr;
        SuccessPolicy successPolicy any ptr;
        ActiveDeadlineSeconds activeDeadlineSeconds int ptr;
        BackoffLimit backoffLimit int ptr;
        BackoffLimitPerIndex backoffLimitPerIndex int ptr;
        MaxFailedIndexes maxFailedIndexes int ptr;
        Selector selector LABEL_SELECTOR ptr;
        ManualSelector manualSelector bool ptr;
        Template template POD_TEMPLATE always;
        TTLSecondsAfterFinished ttlSecondsAfterFinished int ptr;
        CompletionMode completionMode str ptr;
        Suspend suspend bool ptr;
        PodReplacementPolicy podReplacementPolicy str ptr;
        ManagedBy managedBy str ptr;
    }
    POD_FAILURE_POLICY {
        Rules rules [POD_FAILURE_RULE] always;
    }
    POD_FAILURE_RULE {
        Action action str always;
        OnExitCodes onExitCodes any ptr;
        OnPodConditions onPodConditions [any];
    }
    pub(super) CRON_JOB {
        ObjectMeta metadata OBJECT_META always;
        Spec spec CRON_JOB_SPEC always;
    }
    CRON_JOB_SPEC {
        Schedule schedule str always;
        TimeZone timeZone str ptr;
        StartingDeadlineSeconds startingDeadlineSeconds int ptr;
        ConcurrencyPolicy concurrencyPolicy str;
        Suspend suspend bool ptr;
        JobTemplate jobTemplate JOB_TEMPLATE always;
        SuccessfulJobsHistoryLimit successfulJobsHistoryLimit int ptr;
        FailedJobsHistoryLimit failedJobsHistoryLimit int ptr;
    }
    JOB_TEMPLATE {
        ObjectMeta metadata OBJECT_META always;
        Spec spec JOB_SPEC always;
    }
}
