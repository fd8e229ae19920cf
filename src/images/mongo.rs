//! MongoDB.

use super::{Image, System};

/// What is known of it, since it brings `mongosh`.
pub const IMAGE: Image = Image {
    repositories: &["mongo"],
    since: (5, 0),
    tag_words: &["noble", "jammy", "focal", "windowsservercore"],
    size: 320000000,
    system: System::Ubuntu,
    programs: &[
        ("/usr/local/bin/docker-entrypoint.sh", "entry/plain"),
        ("/usr/bin/mongod", "mongod"),
        ("/usr/bin/mongosh", "mongosh"),
    ],
    older_programs: &[("/usr/bin/mongo", "mongo", 6)],
    entrypoint: &["docker-entrypoint.sh"],
    command: &["mongod", "--bind_ip_all"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("GOSU_VERSION", "1.19"),
        ("MONGO_VERSION", "$v"),
    ],
    users: "mongodb:x:999:999::/data/db:/bin/sh\n",
    versions: &[
        "8.2.1", "8.0.15", "7.0.25", "6.0.26", "5.0.31", "4.4.29", "4.2.24", "4.0.28", "3.6.23", "3.4.24",
    ],
    folders: &["/data/db", "/data/configdb", "/docker-entrypoint-initdb.d"],
    memory: 60,
    ..Image::BASE
};

/// Pages over it.
pub const EXPRESS: Image = Image {
    repositories: &["mongo-express"],
    size: 60000000,
    system: System::Alpine,
    tools: &["bash"],
    programs: &[
        ("/docker-entrypoint.sh", "entry/plain"),
        ("/sbin/tini", "tini"),
        ("/usr/local/bin/mongo-express", "mongo-express"),
        ("/usr/local/bin/node", "node"),
    ],
    entrypoint: &["/sbin/tini", "--", "/docker-entrypoint.sh"],
    command: &["mongo-express"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("ME_CONFIG_MONGODB_URL", "mongodb://mongo:27017"),
        ("ME_CONFIG_MONGODB_ENABLE_ADMIN", "true"),
        ("VCAP_APP_HOST", "0.0.0.0"),
    ],
    directory: "/app",
    versions: &["1.0.2", "0.54.0"],
    memory: 55,
    ..Image::BASE
};

/// The same as it was before, with `mongo` alone.
pub const OLD: Image = Image {
    since: (0, 0),
    programs: &[
        ("/usr/local/bin/docker-entrypoint.sh", "entry/plain"),
        ("/usr/bin/mongod", "mongod"),
        ("/usr/bin/mongo", "mongo"),
    ],
    older_programs: &[],
    ..IMAGE
};
