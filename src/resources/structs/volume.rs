//! Volume sources, `PersistentVolume` and `StorageClass`.

use super::core::OBJECT_META;
use super::go_struct;
use super::pod::{LOCAL_REFERENCE, NODE_SELECTOR};

go_struct! {
    pub(super) PERSISTENT_VOLUME {
        ObjectMeta metadata OBJECT_META always;
        Spec spec PERSISTENT_VOLUME_SPEC;
    }
    PERSISTENT_VOLUME_SPEC {
        Capacity capacity {qty};
        GCEPersistentDisk gcePersistentDisk GCE_DISK ptr;
        AWSElasticBlockStore awsElasticBlockStore AWS_STORE ptr;
        HostPath hostPath HOST_PATH ptr;
        Glusterfs glusterfs GLUSTERFS ptr;
        NFS nfs NFS ptr;
        RBD rbd RBD ptr;
        Quobyte quobyte QUOBYTE ptr;
        ISCSI iscsi ISCSI ptr;
        FlexVolume flexVolume FLEX_VOLUME ptr;
        Cinder cinder CINDER ptr;
        CephFS cephfs CEPH_FS ptr;
        FC fc FC ptr;
        Flocker flocker FLOCKER ptr;
        AzureFile azureFile AZURE_FILE ptr;
        VsphereVolume vsphereVolume VSPHERE ptr;
        AzureDisk azureDisk AZURE_DISK ptr;
        PhotonPersistentDisk photonPersistentDisk PHOTON ptr;
        PortworxVolume portworxVolume PORTWORX ptr;
        ScaleIO scaleIO SCALE_IO ptr;
        Local local LOCAL ptr;
        StorageOS storageos STORAGE_OS ptr;
        CSI csi CSI ptr;
        AccessModes accessModes [str];
        ClaimRef claimRef OBJECT_REFERENCE ptr;
        PersistentVolumeReclaimPolicy persistentVolumeReclaimPolicy str;
        StorageClassName storageClassName str;
        MountOptions mountOptions [str];
        VolumeMode volumeMode str ptr;
        NodeAffinity nodeAffinity NODE_AFFINITY_OF_VOLUME ptr;
        VolumeAttributesClassName volumeAttributesClassName str ptr;
    }
    /// `PersistentVolumeSource`: the part of a volume's spec that never changes.
    pub VOLUME_SOURCE_OF_VOLUME {
        GCEPersistentDisk gcePersistentDisk GCE_DISK ptr;
        AWSElasticBlockStore awsElasticBlockStore AWS_STORE ptr;
        HostPath hostPath HOST_PATH ptr;
        Glusterfs glusterfs GLUSTERFS ptr;
        NFS nfs NFS ptr;
        RBD rbd RBD ptr;
        Quobyte quobyte QUOBYTE ptr;
        ISCSI iscsi ISCSI ptr;
        FlexVolume flexVolume FLEX_VOLUME ptr;
        Cinder cinder CINDER ptr;
        CephFS cephfs CEPH_FS ptr;
        FC fc FC ptr;
        Flocker flocker FLOCKER ptr;
        AzureFile azureFile AZURE_FILE ptr;
        VsphereVolume vsphereVolume VSPHERE ptr;
        AzureDisk azureDisk AZURE_DISK ptr;
        PhotonPersistentDisk photonPersistentDisk PHOTON ptr;
        PortworxVolume portworxVolume PORTWORX ptr;
        ScaleIO scaleIO SCALE_IO ptr;
        Local local LOCAL ptr;
        StorageOS storageos STORAGE_OS ptr;
        CSI csi CSI ptr;
    }
    /// `VolumeNodeAffinity`.
    pub NODE_AFFINITY_OF_VOLUME {
        Required required NODE_SELECTOR ptr;
    }
    pub(super) OBJECT_REFERENCE {
        Kind kind str;
        Namespace namespace str;
        Name name str;
        UID uid str;
        APIVersion apiVersion str;
        ResourceVersion resourceVersion str;
        FieldPath fieldPath str;
    }
    SECRET_REFERENCE {
        Name name str;
        Namespace namespace str;
    }
    pub(super) HOST_PATH {
        Path path str always;
        Type type str ptr;
    }
    pub(super) NFS {
        Server server str always;
        Path path str always;
        ReadOnly readOnly bool;
    }
    LOCAL {
        Path path str always;
        FSType fsType str ptr;
    }
    CSI {
        Driver driver str always;
        VolumeHandle volumeHandle str always;
        ReadOnly readOnly bool;
        FSType fsType str;
        VolumeAttributes volumeAttributes {str};
        ControllerPublishSecretRef controllerPublishSecretRef SECRET_REFERENCE ptr;
        NodeStageSecretRef nodeStageSecretRef SECRET_REFERENCE ptr;
        NodePublishSecretRef nodePublishSecretRef SECRET_REFERENCE ptr;
        ControllerExpandSecretRef controllerExpandSecretRef SECRET_REFERENCE ptr;
        NodeExpandSecretRef nodeExpandSecretRef SECRET_REFERENCE ptr;
    }
    pub(super) GCE_DISK {
        PDName pdName str always;
        FSType fsType str;
        Partition partition int;
        ReadOnly readOnly bool;
    }
    pub(super) AWS_STORE {
        VolumeID volumeID str always;
        FSType fsType str;
        Partition partition int;
        ReadOnly readOnly bool;
    }
    pub(super) ISCSI {
        TargetPortal targetPortal str always;
        IQN iqn str always;
        Lun lun int always;
        ISCSIInterface iscsiInterface str;
        FSType fsType str;
        ReadOnly readOnly bool;
        Portals portals [str];
        DiscoveryCHAPAuth chapAuthDiscovery bool;
        SessionCHAPAuth chapAuthSession bool;
        SecretRef secretRef SECRET_REFERENCE ptr;
        InitiatorName initiatorName str ptr;
    }
    pub(super) GLUSTERFS {
        EndpointsName endpoints str always;
        Path path str always;
        ReadOnly readOnly bool;
    }
    pub(super) RBD {
        CephMonitors monitors [str] always;
        RBDImage image str always;
        FSType fsType str;
        RBDPool pool str;
        RadosUser user str;
        Keyring keyring str;
        SecretRef secretRef SECRET_REFERENCE ptr;
        ReadOnly readOnly bool;
    }
    pub(super) QUOBYTE {
        Registry registry str always;
        Volume volume str always;
        ReadOnly readOnly bool;
        User user str;
        Group group str;
        Tenant tenant str;
    }
    pub(super) FLEX_VOLUME {
        Driver driver str always;
        FSType fsType str;
        SecretRef secretRef SECRET_REFERENCE ptr;
        ReadOnly readOnly bool;
        Options options {str};
    }
    pub(super) CINDER {
        VolumeID volumeID str always;
        FSType fsType str;
        ReadOnly readOnly bool;
        SecretRef secretRef SECRET_REFERENCE ptr;
    }
    pub(super) CEPH_FS {
        Monitors monitors [str] always;
        Path path str;
        User user str;
        SecretFile secretFile str;
        SecretRef secretRef SECRET_REFERENCE ptr;
        ReadOnly readOnly bool;
    }
    pub(super) FLOCKER {
        DatasetName datasetName str;
        DatasetUUID datasetUUID str;
    }
    pub(super) FC {
        TargetWWNs targetWWNs [str];
        Lun lun int ptr;
        FSType fsType str;
        ReadOnly readOnly bool;
        WWIDs wwids [str];
    }
    pub(super) AZURE_FILE {
        SecretName secretName str always;
        ShareName shareName str always;
        ReadOnly readOnly bool;
        SecretNamespace secretNamespace str ptr;
    }
    pub(super) VSPHERE {
        VolumePath volumePath str always;
        FSType fsType str;
        StoragePolicyName storagePolicyName str;
        StoragePolicyID storagePolicyID str;
    }
    pub(super) AZURE_DISK {
        DiskName diskName str always;
        DataDiskURI diskURI str always;
        CachingMode cachingMode str ptr;
        FSType fsType str ptr;
        ReadOnly readOnly bool ptr;
        Kind kind str ptr;
    }
    pub(super) PHOTON {
        PdID pdID str always;
        FSType fsType str;
    }
    pub(super) PORTWORX {
        VolumeID volumeID str always;
        FSType fsType str;
        ReadOnly readOnly bool;
    }
    pub(super) SCALE_IO {
        Gateway gateway str always;
        System system str always;
        SecretRef secretRef SECRET_REFERENCE ptr;
        SSLEnabled sslEnabled bool;
        ProtectionDomain protectionDomain str;
        StoragePool storagePool str;
        StorageMode storageMode str;
        VolumeName volumeName str;
        FSType fsType str;
        ReadOnly readOnly bool;
    }
    pub(super) STORAGE_OS {
        VolumeName volumeName str;
        VolumeNamespace volumeNamespace str;
        FSType fsType str;
        ReadOnly readOnly bool;
        SecretRef secretRef LOCAL_REFERENCE ptr;
    }

    pub(super) STORAGE_CLASS {
        ObjectMeta metadata OBJECT_META always;
        Provisioner provisioner str always;
        Parameters parameters {str};
        ReclaimPolicy reclaimPolicy str ptr;
        MountOptions mountOptions [str];
        AllowVolumeExpansion allowVolumeExpansion bool ptr;
        VolumeBindingMode volumeBindingMode str ptr;
        AllowedTopologies allowedTopologies [TOPOLOGY];
    }
    TOPOLOGY {
        MatchLabelExpressions matchLabelExpressions [TOPOLOGY_REQUIREMENT];
    }
    TOPOLOGY_REQUIREMENT {
        Key key str always;
        Values values [str] always;
    }
}
