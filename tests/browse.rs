//! The learner's browser, and ConfigMaps that change under running containers.

use saya::sim::{Input, Scenario, Script, Sim, browse};

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
