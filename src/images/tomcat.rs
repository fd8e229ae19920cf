//! Apache Tomcat.

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["tomcat"],
    tag_words: &["jdk", "jre", "jdk21", "jre21", "jdk17", "jre17", "jdk11", "jre11", "jdk8", "jre8"],
    size: 210000000,
    system: System::Ubuntu,
    tools: &["curl", "wget", "openssl"],
    programs: &[
        ("/usr/local/tomcat/bin/catalina.sh", "tomcat"),
        ("/opt/java/openjdk/bin/java", "not-simulated"),
    ],
    command: &["catalina.sh", "run"],
    environment: &[
        (
            "PATH",
            "/usr/local/tomcat/bin:/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ),
        ("JAVA_HOME", "/opt/java/openjdk"),
        ("CATALINA_HOME", "/usr/local/tomcat"),
        ("TOMCAT_VERSION", "$v"),
    ],
    directory: "/usr/local/tomcat",
    versions: &["11.0.14", "10.1.49", "9.0.111", "8.5.100", "7.0.109"],
    files: &[
        ("/usr/local/tomcat/webapps.dist/ROOT/index.jsp", "<%@ page session=\"false\" %>\n"),
        ("/usr/local/tomcat/webapps.dist/docs/index.html", "<h1>Documentation Index</h1>\n"),
        ("/usr/local/tomcat/conf/server.xml", "<Server port=\"8005\" shutdown=\"SHUTDOWN\">\n</Server>\n"),
    ],
    folders: &[
        "/usr/local/tomcat/lib",
        "/usr/local/tomcat/logs",
        "/usr/local/tomcat/temp",
        "/usr/local/tomcat/webapps",
        "/usr/local/tomcat/work",
    ],
    memory: 110,
    ..Image::BASE
};
