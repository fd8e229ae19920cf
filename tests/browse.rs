//! The learner's browser, and ConfigMaps that change under running containers.

use saya::base::SimTime;
use saya::sim::{Input, Log, Scenario, Script, Session, Sim, browse, replay};

const MANIFEST: &str = "
apiVersion: v1
kind: Pod
metadata: {name: mysql, labels: {app: mysql}}
spec:
  containers:
  - name: mysql
    image: mysql:8
    env:
    - {name: MYSQL_ROOT_PASSWORD, value: rootpassword}
    - {name: MYSQL_DATABASE, value: mydb}
---
apiVersion: v1
kind: Service
metadata: {name: mysql}
spec: {selector: {app: mysql}, ports: [{port: 3306}]}
---
apiVersion: v1
kind: Pod
metadata: {name: pma, labels: {app: pma}}
spec:
  containers:
  - name: pma
    image: phpmyadmin
    env: [{name: PMA_HOST, value: mysql}]
---
apiVersion: v1
kind: Service
metadata: {name: pma}
spec: {type: NodePort, selector: {app: pma}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: page}
data: {index.html: first}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: nginx
    volumeMounts:
    - {name: page, mountPath: /usr/share/nginx/html}
    - {name: page, mountPath: /fixed, subPath: index.html}
  volumes: [{name: page, configMap: {name: page}}]
";

fn begin() -> (Sim, Script) {
    let mut sim = Sim::new(&Scenario { profile: "minikube-1.36".into(), ..Scenario::default() }).unwrap();
    sim.apply(&Input::Save { path: "all.yaml".into(), text: MANIFEST.into() });
    let mut script = Script::new(&mut sim);
    for command in ["kubectl apply -f all.yaml", "sleep 90"] {
        assert_eq!(script.run(&mut sim, command).exit_code, 0);
    }
    (sim, script)
}

#[test]
fn a_login_leads_to_the_databases_that_the_server_has() {
    let (mut sim, _) = begin();
    let at = "http://192.168.49.2:30080";
    let page = browse::browse(&mut sim, "GET", &format!("{at}/"), "", "").unwrap();
    assert_eq!((page.status, page.body.contains("Welcome to phpMyAdmin")), (200, true), "{page:?}");
    let form = "pma_username=root&pma_password=rootpassword";
    let done = browse::browse(&mut sim, "POST", &format!("{at}/index.php?route=/"), form, "").unwrap();
    assert_eq!(done.status, 302, "{done:?}");
    let cookie = done.header("Set-Cookie").and_then(|text| text.split(';').next()).unwrap().to_string();
    let page = browse::browse(&mut sim, "GET", &format!("{at}/index.php?route=/"), "", &cookie).unwrap();
    assert!(page.body.contains("mydb"), "{page:?}");
    let refused = browse::browse(&mut sim, "GET", "http://192.168.49.2:30081/", "", "").unwrap_err();
    assert!(refused.starts_with("curl: (7) Failed to connect"), "{refused}");
}

#[test]
fn pages_and_cookies_are_read_off_the_terminal() {
    let (mut sim, mut script) = begin();
    assert_eq!(browse::pages(&sim), []);
    assert_eq!(browse::addresses(&sim), ["http://192.168.49.2:30080/"]);
    let at = "http://192.168.49.2:30080";
    let before = sim.clone();
    browse::browse(&mut sim, "GET", &format!("{at}/?it's me"), "", "").unwrap();
    let form = "pma_username=root&pma_password=rootpassword";
    browse::browse(&mut sim, "POST", &format!("{at}/index.php?route=/"), form, "").unwrap();
    let pages = browse::pages(&sim);
    let seen: Vec<(&str, &str)> = pages.iter().map(|page| (&*page.method, &*page.url)).collect();
    let url = "http://192.168.49.2:30080/index.php?route=/";
    assert_eq!(seen, [("GET", "http://192.168.49.2:30080/?it%27s%20me"), ("POST", url)]);
    assert_eq!((pages[0].leads_to(), pages[1].leads_to().as_deref()), (None, Some(url)));
    let cookies = browse::cookies(&pages, "http://192.168.49.2:31111/");
    assert!(cookies.contains("phpMyAdmin=") && cookies.contains("pma_lang=en"), "{cookies}");
    assert_eq!(browse::cookies(&pages, "http://localhost/"), "");
    let ask = browse::command("GET", url, "", &cookies, "ja");
    sim.apply(&Input::Type { terminal: browse::TERMINAL, text: ask });
    assert_eq!(browse::pages(&sim).last().unwrap().answer, None);
    script.run(&mut sim, "sleep 5");
    let pages = browse::pages(&sim);
    let Some(Ok(page)) = &pages.last().unwrap().answer else { panic!("{pages:?}") };
    assert!(page.body.contains("mydb"), "{page:?}");
    assert_eq!(browse::pages(&before), []);
}

#[test]
fn the_browser_stands_in_the_log() {
    let mut session = Session::new(Scenario::default()).unwrap();
    session.input(Input::Open { terminal: browse::TERMINAL });
    session.advance(SimTime::from_secs(1));
    let text = browse::command("GET", "http://localhost:8888/", "", "a=b", "ko");
    session.input(Input::Type { terminal: browse::TERMINAL, text });
    session.advance(SimTime::from_secs(5));
    let log: Log = session.log().to_string().parse().unwrap();
    let again = browse::pages(&replay(&log, session.sim().now()).unwrap());
    assert_eq!((again.len(), &again), (1, &browse::pages(session.sim())));
    assert_eq!(session.sim().host().terminals().collect::<Vec<_>>(), [1], "nobody sees its terminal");
}

#[test]
fn links_lead_where_they_say() {
    for (link, to) in [
        ("", "http://a:80/b/c"),
        ("d", "http://a:80/b/d"),
        ("/", "http://a:80/"),
        ("?q=/", "http://a:80/b/c?q=/"),
        ("../", "http://a:80/"),
        ("./d/..", "http://a:80/b/"),
        ("//e/f", "http://e/f"),
        ("https://g/", "https://g/"),
        ("index.php?route=/x/../y", "http://a:80/b/index.php?route=/x/../y"),
    ] {
        assert_eq!(browse::resolve("http://a:80/b/c?d=/e", link), to, "{link}");
    }
    assert_eq!(browse::resolve("http://a", "b"), "http://a/b");
}

#[test]
fn what_a_terminal_shows_can_be_opened() {
    let text = "Forwarding from 127.0.0.1:8888 -> 80\nForwarding from [::1]:8888 -> 80\nhttp://192.168.49.2:30080\n| web | http://10.1.2.3:80 |\nGet:1 http://deb.debian.org/debian\nsee http://localhost:80/a?b=c, or not";
    let found: Vec<(&str, String)> =
        browse::links(text).into_iter().map(|(place, url)| (&text[place], url)).collect();
    let expected = [
        ("127.0.0.1:8888", "http://localhost:8888/"),
        ("http://192.168.49.2:30080", "http://192.168.49.2:30080"),
        ("http://10.1.2.3:80", "http://10.1.2.3:80"),
        ("http://localhost:80/a?b=c", "http://localhost:80/a?b=c"),
    ];
    assert_eq!(found, expected.map(|(shown, url)| (shown, url.to_string())));
}

#[test]
fn files_of_a_config_map_change_under_a_running_container() {
    let (mut sim, mut script) = begin();
    let read = |sim: &mut Sim, script: &mut Script, path: &str| {
        script.run(sim, &format!("kubectl exec web -- cat {path}")).stdout
    };
    let patch = r#"kubectl patch configmap page -p '{"data":{"index.html":"second"}}'"#;
    assert_eq!(script.run(&mut sim, patch).exit_code, 0);
    assert_eq!(read(&mut sim, &mut script, "/usr/share/nginx/html/index.html"), "first");
    script.run(&mut sim, "sleep 90");
    assert_eq!(read(&mut sim, &mut script, "/usr/share/nginx/html/index.html"), "second");
    assert_eq!(read(&mut sim, &mut script, "/fixed"), "first");
    let listing = script.run(&mut sim, "kubectl exec web -- ls -a /usr/share/nginx/html").stdout;
    assert!(listing.contains("..data\nindex.html"), "{listing}");
}
