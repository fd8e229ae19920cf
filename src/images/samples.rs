//! The images of Kubernetes' own tutorials and of well-known courses, whose program is a small web server.

use super::{Image, System};

const GO: Image = Image { size: 6500000, system: System::Empty, ..Image::BASE };
const NODE: Image = Image { size: 83000000, tools: &["curl", "ps", "wget", "vim"], ..Image::BASE };

const NGINX_1_21: &[(&str, &str)] =
    &[("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("NGINX_VERSION", "1.21.6")];

/// Says hello, and which version it is.
pub const HELLO_APP: Image = Image {
    repositories: &[
        "gcr.io/google-samples/hello-app",
        "us-docker.pkg.dev/google-samples/containers/gke/hello-app",
    ],
    programs: &[("/hello-app", "sample/hello-app:$v")],
    command: &["/hello-app"],
    versions: &["2", "1"],
    environment: &[("PATH", "/usr/bin:/bin")],
    ..GO
};

/// Says on which Pod it runs.
pub const BOOTCAMP: Image = Image {
    repositories: &[
        "gcr.io/google-samples/kubernetes-bootcamp",
        "gcr.io/k8s-minikube/kubernetes-bootcamp",
        "jocatalin/kubernetes-bootcamp",
    ],
    tools: &["curl", "ps"],
    programs: &[("/server.js", "sample/bootcamp:$v")],
    command: &["/server.js"],
    versions: &["2", "1"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NODE_VERSION", "6.3.1"),
    ],
    ..NODE
};

/// Reckons at each request.
pub const HPA_EXAMPLE: Image = Image {
    repositories: &["registry.k8s.io/hpa-example"],
    size: 180000000,
    tools: &["curl"],
    programs: &[("/usr/local/bin/apache2-foreground", "sample/hpa-example")],
    command: &["apache2-foreground"],
    memory: 11,
    ..Image::BASE
};

/// Answers with its Pod's name.
pub const SERVE_HOSTNAME: Image = Image {
    repositories: &["registry.k8s.io/serve_hostname"],
    programs: &[("/serve_hostname", "sample/serve-hostname")],
    command: &["/serve_hostname"],
    ..GO
};

/// A proxy, of Kubernetes' page on probes.
pub const GOPROXY: Image = Image {
    repositories: &["registry.k8s.io/goproxy"],
    programs: &[("/goproxy", "sample/goproxy")],
    command: &["/goproxy"],
    ..GO
};

/// Tells in JSON who asked whom, of Kubernetes by Example.
pub const SIMPLE_SERVICE: Image = Image {
    repositories: &["mhausenblas/simpleservice", "quay.io/openshiftlabs/simpleservice"],
    size: 270000000,
    tools: &["curl", "ps", "wget"],
    programs: &[("/usr/src/app/simpleservice.py", "sample/simpleservice")],
    command: &["/usr/src/app/simpleservice.py"],
    directory: "/usr/src/app",
    ..Image::BASE
};

/// Docker's own first web application: the one behind nginx in many a Pod of two containers.
pub const TRAINING_WEBAPP: Image = Image {
    repositories: &["training/webapp"],
    size: 349000000,
    system: System::Ubuntu,
    tools: &["curl", "ps", "wget"],
    programs: &[("/usr/bin/python", "sample/training-webapp")],
    files: &[("/opt/webapp/app.py", "# Saya does what this program does without running it.\n")],
    command: &["python", "app.py"],
    directory: "/opt/webapp",
    ..Image::BASE
};

/// Says hello from node.
pub const NODE_HELLO: Image = Image {
    repositories: &["gcr.io/google-samples/node-hello"],
    programs: &[("/server.js", "sample/node-hello")],
    command: &["/server.js"],
    ..NODE
};

/// Kubernetes in Action's server; its versions are those of the chapter on updates.
pub const KUBIA: Image = Image {
    repositories: &["luksa/kubia"],
    programs: &[("/app.js", "sample/kubia:$v")],
    entrypoint: &["/app.js"],
    versions: &["", "1", "2", "3", "4"],
    ..NODE
};

/// The server of its second edition.
pub const KIADA: Image = Image {
    repositories: &["luksa/kiada"],
    programs: &[("/usr/local/bin/node", "kiada/$v")],
    files: &[("/app.js", "// Saya does what this program does without running it.\n")],
    entrypoint: &["node", "app.js"],
    versions: &["0.4", "0.3", "0.2", "0.1"],
    ..NODE
};

/// Its server that keeps what it is sent.
pub const KUBIA_PET: Image = Image {
    repositories: &["luksa/kubia-pet"],
    programs: &[("/app.js", "sample/kubia-pet")],
    entrypoint: &["/app.js"],
    ..NODE
};

/// Its server that fails after five requests.
pub const KUBIA_UNHEALTHY: Image = Image {
    repositories: &["luksa/kubia-unhealthy"],
    programs: &[("/app.js", "sample/kubia-unhealthy")],
    entrypoint: &["/app.js"],
    ..NODE
};

/// Says on which Pod it runs, for those who prepare for an exam.
pub const SIMPLE_APP: Image = Image {
    repositories: &["dgkanatsios/simpleapp"],
    programs: &[("/usr/src/app/server.js", "sample/simpleapp")],
    command: &["/usr/src/app/server.js"],
    directory: "/usr/src/app",
    ..NODE
};

/// A page of a color.
pub const COLOR: Image = Image {
    repositories: &["jpetazzo/color"],
    programs: &[("/color", "sample/color")],
    command: &["/color"],
    ..GO
};

/// Says hello, in ways that the chapters of a book on breaking Kubernetes need; 1.1 and 1.3 were never there.
pub const HELLO_SERVER: Image = Image {
    repositories: &["blux2/hello-server"],
    programs: &[("/hello", "go/hello:$t")],
    command: &["/hello"],
    versions: &["2.4"],
    past: &[("1.0", 0), ("1.2", 0), ("1.4", 0)],
    ..GO
};

/// That book's server that is well for ten seconds.
pub const DELAY_FAIL_SERVER: Image = Image {
    repositories: &["blux2/delayfailserver"],
    programs: &[("/server", "go/delay-fail:$t")],
    command: &["/server"],
    ..GO
};

/// Says on which host it runs, of Katacoda's courses.
pub const KATACODA: Image = Image {
    repositories: &["katacoda/docker-http-server"],
    programs: &[("/app", "go/katacoda:$t")],
    command: &["/app"],
    ..GO
};

/// Says on which host and in which version, of Container Solutions' strategies of deployment.
pub const STRATEGIES: Image = Image {
    repositories: &["containersol/k8s-deployment-strategies"],
    programs: &[("/k8s-deployment-strategies", "go/strategies:$t")],
    command: &["/k8s-deployment-strategies"],
    ..GO
};

/// Its own environment.
pub const HTTP_ENV: Image = Image {
    repositories: &["jpetazzo/httpenv", "bretfisher/httpenv"],
    system: System::Alpine,
    programs: &[("/httpenv", "sample/httpenv")],
    command: &["/httpenv"],
    ..GO
};

/// A page in the color that it is told.
pub const WEBAPP_COLOR: Image = Image {
    repositories: &["kodekloud/webapp-color"],
    size: 32000000,
    system: System::Alpine,
    programs: &[("/opt/app.py", "sample/webapp-color")],
    entrypoint: &["/opt/app.py"],
    directory: "/opt",
    ..Image::BASE
};

/// Says hello, and from which Pod.
pub const WEB_HELLO: Image = Image {
    repositories: &["bstashchuk/k8s-web-hello"],
    programs: &[("/app/index.mjs", "sample/web-hello:$v")],
    command: &["/app/index.mjs"],
    directory: "/app",
    versions: &["", "2"],
    ..NODE
};

/// A page of PHP with its Pod's name.
pub const ECHO_HOSTNAME: Image = Image {
    repositories: &["alicek106/rr-test"],
    variant: "echo-hostname",
    tag_words: &["echo"],
    size: 190000000,
    tools: &["curl"],
    programs: &[("/usr/local/bin/apache2-foreground", "sample/echo-hostname")],
    command: &["apache2-foreground"],
    memory: 11,
    ..Image::BASE
};

/// A REST API on Spring Boot.
pub const SPRING_HELLO: Image = Image {
    repositories: &["stacksimplify/kube-helloworld", "ghcr.io/stacksimplify/kube-helloworld"],
    size: 84000000,
    system: System::Alpine,
    programs: &[("/usr/bin/java", "sample/spring-hello")],
    command: &["java", "-jar", "/app.jar"],
    memory: 120,
    ..Image::BASE
};

const NGINX_1_17: Image = Image {
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NGINX_VERSION", "1.17.10"),
    ],
    versions: &[],
    ..super::nginx::PLAIN
};

/// nginx before that API.
pub const SPRING_FRONTEND: Image = Image {
    repositories: &["stacksimplify/kube-frontend-nginx", "ghcr.io/stacksimplify/kube-frontend-nginx"],
    files: &[
        ("/etc/nginx/nginx.conf", crate::programs::NGINX_CONFIGURATION),
        ("/etc/nginx/mime.types", crate::programs::NGINX_TYPES),
        (
            "/etc/nginx/conf.d/default.conf",
            "server {\n    listen       80;\n    server_name  localhost;\n    location / {\n    proxy_pass http://my-backend-service:8080;\n    }\n    error_page   500 502 503 504  /50x.html;\n    location = /50x.html {\n        root   /usr/share/nginx/html;\n    }\n}\n",
        ),
    ],
    ..NGINX_1_17
};

/// The files of nginx with a page that tells its version. Of what color later ones are is not known.
macro_rules! versioned {
    ($version:literal) => {
        &[
            ("/etc/nginx/nginx.conf", crate::programs::NGINX_CONFIGURATION),
            ("/etc/nginx/mime.types", crate::programs::NGINX_TYPES),
            ("/etc/nginx/conf.d/default.conf", crate::programs::NGINX_DEFAULT),
            (
                "/usr/share/nginx/html/index.html",
                concat!("<!DOCTYPE html>\n<html>\n   <body style=\"background-color:lightgoldenrodyellow;\">\n      <h1>Welcome to Stack Simplify</h1>\n      <p>Kubernetes Fundamentals Demo</p>\n      <p>Application Version: V", $version, "</p>\n   </body>\n</html>"),
            ),
        ]
    };
}

/// nginx with a page that tells its version.
pub const VERSIONED_PAGES: [Image; 4] = [
    versioned_page("1.0", versioned!("1")),
    versioned_page("2.0", versioned!("2")),
    versioned_page("3.0", versioned!("3")),
    versioned_page("4.0", versioned!("4")),
];

const fn versioned_page(variant: &'static str, files: &'static [(&'static str, &'static str)]) -> Image {
    Image {
        repositories: &["stacksimplify/kubenginx", "ghcr.io/stacksimplify/kubenginx"],
        variant,
        files,
        ..NGINX_1_17
    }
}

/// Says hello, and counts where it has a database.
pub const WEB_DEMO: Image = Image {
    repositories: &["wardviaene/k8s-demo"],
    programs: &[("/usr/local/bin/node", "demo")],
    files: &[
        ("/app/index.js", "// Saya does what this program does without running it.\n"),
        ("/app/index-db.js", "// Saya does what this program does without running it.\n"),
    ],
    command: &["/bin/sh", "-c", "node index.js"],
    directory: "/app",
    ..NODE
};

/// nginx that tells about itself in plain text.
pub const NGINX_HELLO: Image = Image {
    repositories: &["nginxdemos/hello"],
    tag_words: &["plain"],
    size: 10000000,
    system: System::Alpine,
    programs: &[("/usr/sbin/nginx", "sample/nginx-hello:$t")],
    command: &["/usr/sbin/nginx"],
    ..Image::BASE
};

/// All tools for a network, beside a web server.
pub const MULTITOOL: Image = Image {
    repositories: &["wbitt/network-multitool", "praqma/network-multitool"],
    tag_words: &["extra", "minimal", "fedora"],
    programs: &[
        ("/usr/sbin/nginx", "nginx"),
        ("/usr/sbin/mtr", "not-simulated"),
        ("/usr/bin/tcpdump", "not-simulated"),
        ("/usr/bin/tcptraceroute", "not-simulated"),
    ],
    files: &[
        ("/docker/entrypoint.sh", TELL_PORTS),
        ("/etc/nginx/nginx.conf", TWO_PORTS),
        ("/etc/nginx/mime.types", crate::programs::NGINX_TYPES),
        ("/var/log/nginx/error.log", ""),
        ("/certs/server.crt", ""),
        ("/certs/server.key", ""),
        ("/usr/share/nginx/html/index.html", "WBITT Network MultiTool (with NGINX)\n"),
    ],
    entrypoint: &["/bin/sh", "/docker/entrypoint.sh"],
    command: &["/usr/sbin/nginx", "-g", "daemon off;"],
    ..super::small::NETWORK_TOOLS
};

/// Its server's configuration.
const TWO_PORTS: &str = "user nginx;
worker_processes 1;
pid /var/run/nginx.pid;
error_log /dev/stderr warn;

events {
    worker_connections 32;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    log_format main '$remote_addr - $remote_user [$time_local] \"$request\" '
                    '$status $body_bytes_sent \"$http_referer\" '
                    '\"$http_user_agent\" \"$http_x_forwarded_for\"';
    access_log /dev/stdout main;
    root /usr/share/nginx/html;

    server {
        listen 80;
    }

    server {
        listen 443 ssl;
        ssl_certificate /certs/server.crt;
        ssl_certificate_key /certs/server.key;
    }
}
";

/// What it does before: its page tells where it is, and its ports are those that it is told.
const TELL_PORTS: &str = r#"#!/bin/sh
root=/usr/share/nginx/html
if grep -q " $root " /proc/mounts; then
  echo "The directory $root is a volume mount. Will not over-write index.html ."
else
  echo "The directory $root is not mounted."
  echo "Therefore, over-writing the default index.html file with some useful information:"
  echo "WBITT Network MultiTool (with NGINX) - $(hostname) - $(hostname -i) - HTTP: ${HTTP_PORT:-80} , HTTPS: ${HTTPS_PORT:-443} . (Formerly praqma/network-multitool)" | tee $root/index.html
fi
take() {
  [ -n "$4" ] || return
  echo "Replacing default $1 port ($3) with the value specified by the user - ($2: $4)."
  sed -i "s/listen $3/listen $4/" /etc/nginx/nginx.conf
}
take HTTP HTTP_PORT 80 "$HTTP_PORT"
take HTTPS HTTPS_PORT 443 "$HTTPS_PORT"
exec "$@"
"#;

/// A probe's example of old: what agnhost does as `liveness`.
pub const LIVENESS: Image = Image {
    repositories: &["registry.k8s.io/liveness"],
    programs: &[("/server", "agnhost-liveness")],
    command: &["/server"],
    ..GO
};

/// Says hello in JSON: the backend of a tutorial.
pub const HELLO_GO: Image = Image {
    repositories: &["gcr.io/google-samples/hello-go-gke"],
    programs: &[("/usr/src/app/main", "sample/hello-go")],
    command: &["/usr/src/app/main"],
    ..GO
};

/// Its frontend: nginx before a Service that is named `hello`.
pub const HELLO_FRONTEND: Image = Image {
    repositories: &["gcr.io/google-samples/hello-frontend"],
    environment: NGINX_1_21,
    versions: &[],
    files: &[
        ("/etc/nginx/nginx.conf", crate::programs::NGINX_CONFIGURATION),
        ("/etc/nginx/mime.types", crate::programs::NGINX_TYPES),
        (
            "/etc/nginx/conf.d/frontend.conf",
            "upstream Backend {\n    server hello;\n}\n\nserver {\n    listen 80;\n\n    location / {\n        proxy_pass http://Backend;\n    }\n}\n",
        ),
    ],
    since: (0, 0),
    ..super::nginx::IMAGE
};

/// The page of the guestbook.
pub const GUESTBOOK: Image = Image {
    repositories: &[
        "us-docker.pkg.dev/google-samples/containers/gke/gb-frontend",
        "gcr.io/google-samples/gb-frontend",
        "gcr.io/google_samples/gb-frontend",
    ],
    variant: "",
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PHP_VERSION", "7.4.33"),
    ],
    programs: &[
        ("/usr/local/bin/apache2-foreground", "guestbook"),
        ("/usr/local/bin/php", "php"),
        ("/usr/local/bin/docker-php-entrypoint", "entry/plain"),
    ],
    files: &[(
        "/var/www/html/guestbook.php",
        "<?php\n// Saya does what this page does without running it.\n",
    )],
    versions: &[],
    ..super::php::APACHE
};

/// The Redis of the guestbook that follows another.
pub const GUESTBOOK_FOLLOWER: Image = Image {
    repositories: &[
        "us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower",
        "gcr.io/google-samples/gb-redis-follower",
        "gcr.io/google_samples/gb-redis-follower",
    ],
    command: &[
        "/bin/sh",
        "-c",
        "if [ \"$GET_HOSTS_FROM\" = env ]; then redis-server --replicaof $REDIS_LEADER_SERVICE_HOST 6379; else redis-server --replicaof redis-leader 6379; fi",
    ],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("REDIS_VERSION", "6.0.5"),
    ],
    versions: &[],
    ..super::redis::IMAGE
};

/// kuard, of Kubernetes: Up and Running.
pub const KUARD: Image = Image {
    repositories: &["gcr.io/kuar-demo/kuard-amd64", "gcr.io/kuar-demo/kuard"],
    tag_words: &["blue", "green", "purple"],
    size: 11500000,
    system: System::Alpine,
    programs: &[("/kuard", "kuard/$t")],
    command: &["/kuard"],
    ..GO
};

/// The voting app's page of votes.
pub const VOTE: Image = Image {
    repositories: &[
        "dockersamples/examplevotingapp_vote",
        "kodekloud/examplevotingapp_vote",
        "bretfisher/examplevotingapp_vote",
    ],
    tag_words: &["v1", "before", "after"],
    size: 52000000,
    memory: 28,
    programs: &[("/usr/local/bin/gunicorn", "voting/vote")],
    command: &["gunicorn", "app:app", "-b", "0.0.0.0:80"],
    calls: &[6379],
    ..Image::BASE
};

/// The voting app's page of results.
pub const RESULT: Image = Image {
    repositories: &[
        "dockersamples/examplevotingapp_result",
        "kodekloud/examplevotingapp_result",
        "bretfisher/examplevotingapp_result",
    ],
    programs: &[("/usr/local/bin/node", "voting/result")],
    command: &["node", "server.js"],
    calls: &[5432],
    ..VOTE
};

/// The voting app's worker.
pub const VOTING_WORKER: Image = Image {
    repositories: &[
        "dockersamples/examplevotingapp_worker",
        "kodekloud/examplevotingapp_worker",
        "bretfisher/examplevotingapp_worker",
    ],
    programs: &[("/usr/bin/dotnet", "voting/worker")],
    command: &["dotnet", "Worker.dll"],
    calls: &[5432, 6379],
    ..VOTE
};

/// DockerCoins' random numbers.
pub const RNG: Image = Image {
    repositories: &["dockercoins/rng"],
    system: System::Alpine,
    size: 25000000,
    programs: &[("/rng.py", "dockercoins/rng")],
    command: &["/rng.py"],
    ..Image::BASE
};

/// DockerCoins' hashes.
pub const HASHER: Image = Image {
    repositories: &["dockercoins/hasher"],
    programs: &[("/hasher.rb", "dockercoins/hasher")],
    command: &["/hasher.rb"],
    ..RNG
};

/// DockerCoins' page.
pub const WEBUI: Image = Image {
    repositories: &["dockercoins/webui"],
    programs: &[("/webui.js", "dockercoins/webui")],
    command: &["/webui.js"],
    calls: &[6379],
    ..RNG
};

/// DockerCoins' miner.
pub const WORKER: Image = Image {
    repositories: &["dockercoins/worker"],
    programs: &[("/worker.py", "dockercoins/worker")],
    command: &["/worker.py"],
    calls: &[80, 6379],
    ..RNG
};

/// Tells where it runs.
pub const PODINFO: Image = Image {
    repositories: &["stefanprodan/podinfo", "ghcr.io/stefanprodan/podinfo"],
    size: 27000000,
    system: System::Alpine,
    tools: &["curl"],
    programs: &[("/home/app/podinfo", "sample/podinfo:$v")],
    command: &["./podinfo"],
    directory: "/home/app",
    versions: &["6.9.2", "6.8.0", "6.7.1", "6.6.3", "6.5.4", "6.0.4", "5.2.1", "4.0.6", "3.3.1"],
    ..Image::BASE
};

/// Tells what it was asked.
pub const HTTPS_ECHO: Image = Image {
    repositories: &["mendhak/http-https-echo", "ghcr.io/mendhak/http-https-echo"],
    size: 60000000,
    system: System::Alpine,
    programs: &[("/app/index.js", "sample/https-echo")],
    command: &["/app/index.js"],
    directory: "/app",
    ..Image::BASE
};

/// Tells what it was asked, and its environment.
pub const NODE_ECHO: Image = Image {
    repositories: &["ealen/echo-server"],
    programs: &[("/app/webserver", "sample/echo-server")],
    command: &["/app/webserver"],
    ..HTTPS_ECHO
};

/// A message on a page.
pub const HELLO_KUBERNETES: Image = Image {
    repositories: &["paulbouwer/hello-kubernetes"],
    programs: &[("/usr/src/app/server.js", "sample/hello-kubernetes:$v")],
    command: &["/usr/src/app/server.js"],
    directory: "/usr/src/app",
    versions: &["1.10", "1.9", "1.8", "1.7", "1.6", "1.5"],
    ..HTTPS_ECHO
};

/// nginx with the page of a book's first chapter.
pub const HELLO_KIAMOL: Image = Image {
    repositories: &["kiamol/ch02-hello-kiamol"],
    environment: NGINX_1_21,
    versions: &[],
    system: System::Alpine,
    files: &[
        (
            "/usr/share/nginx/html/index.html",
            "<html>\n  <body>\n    <h1>\n      Hello from Chapter 2!\n    </h1>\n  </body>\n</html>\n",
        ),
        ("/etc/nginx/nginx.conf", crate::programs::NGINX_CONFIGURATION),
        ("/etc/nginx/conf.d/default.conf", crate::programs::NGINX_DEFAULT),
        ("/etc/nginx/mime.types", crate::programs::NGINX_TYPES),
    ],
    since: (0, 0),
    ..super::nginx::IMAGE
};

/// Sleeps, and has a few tools.
pub const SLEEP_KIAMOL: Image = Image {
    repositories: &["kiamol/ch03-sleep"],
    system: System::Alpine,
    size: 4000000,
    tools: &["curl", "dig", "nslookup"],
    command: &["sh", "-c", "while true; do sleep 3600; done"],
    ..Image::BASE
};

/// Writes a saying into a file now and then, beside a web server.
pub const FORTUNE: Image = Image {
    repositories: &["luksa/fortune"],
    tag_words: &["env", "args"],
    size: 80000000,
    system: System::Ubuntu,
    programs: &[("/usr/games/fortune", "fortune")],
    files: &[(
        "/usr/bin/fortuneloop.sh",
        "#!/bin/bash\ntrap exit INT\nevery=${1:-${INTERVAL:-10}}\nmkdir -p /var/htdocs\nwhile :; do\n  echo $(date) Writing fortune to /var/htdocs/index.html\n  /usr/games/fortune > /var/htdocs/index.html\n  sleep $every\ndone\n",
    )],
    entrypoint: &["/bin/bash", "/usr/bin/fortuneloop.sh"],
    ..Image::BASE
};
