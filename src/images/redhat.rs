//! Red Hat's kin: their shells, without their package managers.

use super::{Image, System};

const REDHAT: Image = Image {
    size: 70000000,
    system: System::OracleLinux,
    tools: &["diff", "find", "free", "hostname", "pgrep", "pkill", "ps", "top", "uptime", "which"],
    programs: &[("/usr/bin/dnf", "not-simulated"), ("/usr/bin/yum", "not-simulated")],
    command: &["/bin/bash"],
    ..Image::BASE
};

/// AlmaLinux.
pub const ALMA_LINUX: Image = Image {
    repositories: &["almalinux"],
    files: &[(
        "/etc/os-release",
        "NAME=\"AlmaLinux\"\nVERSION=\"10.0 (Purple Lion)\"\nID=\"almalinux\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"10.0\"\nPRETTY_NAME=\"AlmaLinux 10.0 (Purple Lion)\"\nHOME_URL=\"https://almalinux.org/\"\n",
    )],
    ..REDHAT
};

/// Amazon Linux.
pub const AMAZON_LINUX: Image = Image {
    repositories: &["amazonlinux", "public.ecr.aws/amazonlinux/amazonlinux"],
    files: &[(
        "/etc/os-release",
        "NAME=\"Amazon Linux\"\nVERSION=\"2023\"\nID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"\nPLATFORM_ID=\"platform:al2023\"\nPRETTY_NAME=\"Amazon Linux 2023.9.20251027\"\nHOME_URL=\"https://aws.amazon.com/linux/amazon-linux-2023/\"\n",
    )],
    ..REDHAT
};

/// CentOS, of which `latest` is the last that was made.
pub const CENTOS: Image = Image {
    repositories: &["centos"],
    since: (8, 0),
    tag_words: &["centos7", "centos8", "centos6"],
    tools: &[
        "diff", "find", "free", "hostname", "pgrep", "ping", "pkill", "ps", "top", "uptime", "which", "vi",
    ],
    files: &[
        (
            "/etc/os-release",
            "NAME=\"CentOS Linux\"\nVERSION=\"8\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"8\"\nPLATFORM_ID=\"platform:el8\"\nPRETTY_NAME=\"CentOS Linux 8\"\nHOME_URL=\"https://centos.org/\"\n",
        ),
        ("/etc/redhat-release", "CentOS Linux release 8.4.2105\n"),
    ],
    ..REDHAT
};

/// The one before.
pub const CENTOS_7: Image = Image { since: (0, 0), files: CENTOS_7_FILES, ..CENTOS };

/// The same by another name.
pub const CENTOS_7_BY_NAME: Image = Image { variant: "centos7", ..CENTOS_7 };

/// What the system says of itself.
pub const CENTOS_7_FILES: &[(&str, &str)] = &[
    (
        "/etc/os-release",
        "NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"7\"\nPRETTY_NAME=\"CentOS Linux 7 (Core)\"\nANSI_COLOR=\"0;31\"\nCPE_NAME=\"cpe:/o:centos:centos:7\"\nHOME_URL=\"https://www.centos.org/\"\nBUG_REPORT_URL=\"https://bugs.centos.org/\"\n\nCENTOS_MANTISBT_PROJECT=\"CentOS-7\"\nCENTOS_MANTISBT_PROJECT_VERSION=\"7\"\nREDHAT_SUPPORT_PRODUCT=\"centos\"\nREDHAT_SUPPORT_PRODUCT_VERSION=\"7\"\n\n",
    ),
    ("/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n"),
];

/// Fedora.
pub const FEDORA: Image = Image {
    repositories: &["fedora"],
    files: &[(
        "/etc/os-release",
        "NAME=\"Fedora Linux\"\nVERSION=\"43 (Container Image)\"\nID=fedora\nVERSION_ID=43\nPLATFORM_ID=\"platform:f43\"\nPRETTY_NAME=\"Fedora Linux 43 (Container Image)\"\nHOME_URL=\"https://fedoraproject.org/\"\n",
    )],
    ..REDHAT
};

/// Oracle Linux.
pub const ORACLE_LINUX: Image = Image { repositories: &["oraclelinux"], ..REDHAT };

/// Rocky Linux.
pub const ROCKY_LINUX: Image = Image {
    repositories: &["rockylinux", "rockylinux/rockylinux"],
    files: &[(
        "/etc/os-release",
        "NAME=\"Rocky Linux\"\nVERSION=\"9.3 (Blue Onyx)\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.3\"\nPLATFORM_ID=\"platform:el9\"\nPRETTY_NAME=\"Rocky Linux 9.3 (Blue Onyx)\"\nHOME_URL=\"https://rockylinux.org/\"\n",
    )],
    ..REDHAT
};
