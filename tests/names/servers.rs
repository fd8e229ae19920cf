//! The servers of the recordings (`environment` of `tool-output.json`), as images of Saya run them, and phpMyAdmin's pages
//! as the recordings sum them up.

use regex_lite::Regex;
use saya::base::Value;
use saya::container::Tree;
use saya::images;

/// What a server's machine holds and runs.
pub struct Server {
    pub ip: &'static str,
    pub tree: Tree,
    pub env: Vec<(&'static str, &'static str)>,
    pub argv: Vec<Vec<&'static str>>,
}

/// nginx's configuration of the recordings.
const NGINX: &str = "server {
    listen 80;
    server_name localhost;
    location / { root /usr/share/nginx/html; index index.html; }
    location /redirect { return 301 http://web.default.svc.cluster.local/; }
    location /500 { return 500; }
    location /503 { return 503; }
    location /bad/ { proxy_pass http://127.0.0.1:9/; }
    location /slow/ { proxy_pass http://10.244.9.9/; proxy_connect_timeout 1s; }
}
";

/// The server of web pages and of redis, and the database.
pub fn servers() -> Vec<Server> {
    let mut web = images::nginx::IMAGE.tree("1.22.1");
    web.add_file("/etc/nginx/conf.d/default.conf", NGINX, 0o644);
    web.add_directory("/usr/share/nginx/html/empty", 0o755);
    web.add_program("/usr/bin/redis-server", "redis-server");
    web.add_program("/usr/bin/python3", "python3");
    let mut database = images::mariadb::IMAGE.tree("10.11");
    database.add_file(
        "/docker-entrypoint-initdb.d/test.sql",
        "CREATE DATABASE test;\nGRANT ALL ON test.* TO 'myuser'@'%';\n",
        0o644,
    );
    for tree in [&mut web, &mut database] {
        tree.add_file("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n", 0o644);
    }
    database.add_program("/usr/bin/mysql", "mysql8");
    vec![
        Server {
            ip: "10.96.20.30",
            tree: web,
            env: vec![("NGINX_VERSION", "1.22.1"), ("REDIS_VERSION", "7.0.15")],
            argv: vec![vec!["nginx", "-g", "daemon off;"], vec!["redis-server", "--protected-mode", "no"]],
        },
        Server {
            ip: "10.96.50.10",
            tree: database,
            env: vec![
                ("MARIADB_VERSION", "10.11.19-MariaDB-0+deb12u1 Debian 12"),
                ("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "1"),
                ("MARIADB_USER", "myuser"),
                ("MARIADB_PASSWORD", "mypassword"),
                ("MARIADB_DATABASE", "mydb"),
            ],
            argv: vec![vec!["docker-entrypoint.sh", "mariadbd"]],
        },
    ]
}

/// What a terminal case was begun with: the recordings tell only what was typed.
pub fn interactive(case: &Value) -> Vec<&str> {
    let shown = case.get("stdout").str();
    match case.get("tool").str() {
        "redis-cli" => return vec!["redis-cli", "-h", "web"],
        "mariadb" => {}
        other => return vec![other],
    }
    let mut argv = vec!["mariadb", "--no-defaults", "-h", "mysql", "-umyuser"];
    argv.push(if shown.starts_with("Enter password") { "-p" } else { "-pmypassword" });
    if shown.lines().find(|line| line.starts_with("MariaDB [")).is_some_and(|line| line.contains("[mydb]")) {
        argv.push("mydb");
    }
    argv
}

/// The request that a line of nginx's log is about.
pub fn logged_request(case: &Value) -> Option<String> {
    let text = [case.get("stdout").str(), case.get("stderr").str()].concat();
    let found = Regex::new("\"(GET|POST|HEAD) (\\S+) HTTP/1.1\"").unwrap();
    let (method, path) = found.captures(&text).map(|c| (c[1].to_string(), c[2].to_string()))?;
    Some(match text.contains("\"Wget\"") {
        true => format!("wget -q -U Wget -O /dev/null http://web{path} || true"),
        false => format!("curl -s -o /dev/null -X {method} http://web{path} || true"),
    })
}

/// The environment of phpMyAdmin's container in a case.
pub fn phpmyadmin(case: &Value) -> Vec<(&'static str, String)> {
    let (situation, command) = (case.get("situation").str(), case.get("command").str());
    let mut env = vec![("APACHE_PORT", "8080".to_string()), ("VERSION", "5.2.1deb1+deb12u1".to_string())];
    if situation.contains("AllowArbitraryServer=true") || command.contains("pma_servername=") {
        env.push(("PMA_ARBITRARY", "1".into()));
    }
    let option = Regex::new(r#""value": "\d+", "text": "([^"]+)""#).unwrap();
    let hosts: Vec<String> =
        option.captures_iter(case.get("stdout").str()).map(|found| found[1].to_string()).collect();
    let host = Regex::new(r"\(host (\S+)\)").unwrap().captures(command).map(|found| found[1].to_string());
    env.push(match hosts.is_empty() {
        true => ("PMA_HOST", host.unwrap_or_else(|| "mysql".into())),
        false => ("PMA_HOSTS", hosts.join(",")),
    });
    env
}

/// The commands that do what a phpMyAdmin case did: the request, and after a redirection the page that it leads to.
pub fn phpmyadmin_commands(case: &Value) -> String {
    let (id, command) = (case.get("id").str(), case.get("command").str());
    let at = "http://10.244.1.5:8080";
    let lang = &id[id.len() - 2..];
    if let Some(path) = command.strip_prefix("GET ") {
        return format!("curl -s -i '{at}{path}'");
    }
    let known = ["pma_username=", "pma_password=", "pma_servername="];
    let mut fields = vec![format!("lang={lang}")];
    let rest = command.split(" (host").next().unwrap();
    let mut starts: Vec<usize> = known.iter().filter_map(|name| rest.find(name)).collect();
    starts.push(rest.len());
    for pair in starts.windows(2) {
        fields.push(rest[pair[0]..pair[1]].trim_end().replace(' ', "+"));
    }
    format!(
        "curl -s -i -d '{}' '{at}/index.php?route=/' > /tmp/page; \
         cookie=$(grep -o 'phpMyAdmin=[0-9a-f]*' /tmp/page); \
         if grep -q '^HTTP/1.1 302' /tmp/page; then \
         curl -s -i -H \"Cookie: $cookie; pma_lang={lang}\" '{at}/index.php?route=/' > /tmp/page2; echo 302; cat /tmp/page2; \
         else cat /tmp/page; fi",
        fields.join("&")
    )
}

fn text_of(html: &str) -> String {
    let text = Regex::new("<[^>]*>").unwrap().replace_all(html, " ").into_owned();
    let text = text.replace("&#039;", "'").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first(pattern: &str, page: &str) -> String {
    let found = Regex::new(&format!("(?s){pattern}")).unwrap().captures(page);
    found.map(|found| text_of(&found[1])).unwrap_or_default()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let found = Regex::new(&format!(" {name}=\"([^\"]*)\"")).unwrap().captures(tag)?;
    Some(found[1].replace("&quot;", "\"").replace("&amp;", "&"))
}

/// What the recordings tell of a page.
pub fn summary(case: &Value, shown: &str) -> serde_json::Value {
    use serde_json::json;
    let redirected = shown.starts_with("302\n");
    let status = if redirected { 302 } else { first(r"HTTP/1\.\d (\d+)", shown).parse().unwrap_or(0) };
    let page = shown;
    let alert = Regex::new("(?s)<div class=\"alert alert-(\\w+)\"[^>]*>(.*?)</div>").unwrap();
    let alerts: Vec<_> =
        alert.captures_iter(page).map(|c| json!({"kind": &c[1], "text": text_of(&c[2])})).collect();
    let title = first("<title>(.*?)</title>", page);
    if !case.get("command").str().starts_with("GET ") {
        let stays = page.contains("name=\"login_form\"");
        let mut done = json!({
            "status": status, "logged_in": redirected, "title": title, "alerts": alerts,
            "stays_on_login_form": stays,
        });
        if redirected {
            let crumb = Regex::new("(?s)id=\"server-breadcrumb\".*?</nav>").unwrap().find(page);
            let crumb = crumb.map_or("", |found| found.as_str()).trim_end_matches("</nav>").to_string();
            done["server_breadcrumb"] = json!(crumb);
        }
        return done;
    }
    let form = Regex::new("(?s)<form [^>]*name=\"login_form\".*?</form>").unwrap().find(page);
    let form = form.map_or("", |found| found.as_str());
    let head = form.split('>').next().unwrap_or_default();
    let field = Regex::new("(?s)<input[^>]*>|<select.*?</select>").unwrap();
    let option = Regex::new("<option value=\"([^\"]*)\">([^<]*)</option>").unwrap();
    let fields: Vec<_> = field
        .find_iter(form)
        .map(|found| {
            let tag = found.as_str();
            let select = tag.starts_with("<select");
            let own = if select { tag.split('>').next().unwrap() } else { tag };
            let mut map = serde_json::Map::new();
            map.insert("tag".into(), json!(if select { "select" } else { "input" }));
            for name in ["type", "name", "id", "value"] {
                if let Some(value) = attribute(own, name).filter(|_| !(select && name == "value")) {
                    let random = value.len() == 32 && value.chars().all(|c| c.is_ascii_hexdigit());
                    map.insert(name.into(), json!(if random { "<random>".to_string() } else { value }));
                }
            }
            if select {
                let options: Vec<_> =
                    option.captures_iter(tag).map(|c| json!({"value": &c[1], "text": &c[2]})).collect();
                map.insert("options".into(), json!(options));
            }
            serde_json::Value::Object(map)
        })
        .collect();
    let label = Regex::new("<label for=\"([^\"]*)\">([^<]*)</label>").unwrap();
    let labels: serde_json::Map<_, _> =
        label.captures_iter(form).map(|c| (c[1].to_string(), json!(text_of(&c[2])))).collect();
    json!({
        "title": title,
        "heading": first("<h1>(.*?)</h1>", page),
        "card_header": first("<div class=\"card-header\">(.*?)</div>", page),
        "form": {
            "method": attribute(head, "method"), "action": attribute(head, "action"), "name": attribute(head, "name"),
        },
        "fields": fields,
        "labels": labels,
        "alerts": alerts,
    })
}
