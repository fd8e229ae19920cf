//! The native program from outside: what it prints, and its exit status: 1 where what was asked for failed, 2 for wrong
//! usage and unreadable files, each with one clear line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use saya::share::Share;

const STORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static/story");

/// A folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn saya(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_saya")).current_dir(folder).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a successful call printed.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = saya(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

#[test]
fn what_fails_says_so_in_one_line() {
    let here = folder("failures");
    let write = |name: &str, text: &str| fs::write(here.join(name), text).unwrap();
    write("broken.yml", "a: b\n  c: d\n");
    write(
        "unknown.yml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v9\nkind: Poddd\nmetadata: {name: b}\n",
    );
    write(
        "field.yml",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: c\n    imagee: nginx\n",
    );
    write(
        "value.yml",
        "# a comment\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: c\n",
    );
    write("broken.saya", "saya 1\nprofile kind\nfly\n");
    write("empty.yml", "# nothing\n");
    let cases: &[(&[&str], i32, &str)] = &[
        (&[], 2, "usage: saya run"),
        (&["fly"], 2, "there is no \"saya fly\""),
        (&["render", "--fly"], 2, "--fly"),
        (&["render", "--format", "gif"], 2, "\"gif\""),
        (&["render", "--lang", "fr"], 2, "\"fr\""),
        (&["render", "--at", "soon"], 2, "\"soon\" is no time"),
        (&["render", "--profile", "nope"], 2, "nope"),
        (&["render", "-f", "missing.yml"], 2, "missing.yml: No such file"),
        (&["render", "-f", "broken.yml"], 2, "broken.yml:2:4: "),
        (&["render", "-f", "unknown.yml"], 1, "unknown.yml:5:1: "),
        (&["render", "-f", "field.yml"], 1, "field.yml:8:5: "),
        (&["render", "-f", "value.yml"], 1, "value.yml:8:5: "),
        (&["render", "--session", "missing.saya"], 2, "missing.saya: No such file"),
        (&["render", "--session", "broken.saya"], 2, "broken.saya:3: "),
        (&["render", "--session", "s=1.abc"], 2, "cut"),
        (&["render", "--session", "s=1.abc.3.00000000"], 2, "damaged"),
        (&["render", "-o", "no/such/folder.svg"], 2, "no/such/folder.svg: "),
        (&["render", "--trace", "nobody", "mysql"], 1, "nobody"),
        (&["link", "-f", "missing.yml"], 2, "missing.yml: No such file"),
        (&["link", "--view", "kitchen"], 2, "\"kitchen\""),
        (&["open"], 2, "which link"),
        (&["open", "#s=3.abc"], 2, "newer"),
        (&["run", "--import", "broken.yml"], 2, "broken.yml:2:4: "),
        (&["run", "--import", "empty.yml"], 2, "empty.yml: there are no objects"),
        (&["run", "--now", "today"], 2, "\"today\" is no time"),
        (&["run", "missing.sh"], 2, "missing.sh: No such file"),
    ];
    for (arguments, status, words) in cases {
        let output = saya(&here, arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(*status), "{arguments:?}: {said}");
        assert!(said.starts_with("saya: ") && said.contains(words), "{arguments:?}: {said}");
        if !arguments.is_empty() {
            assert_eq!(said.trim_end().lines().count(), 1, "{arguments:?}: {said}");
        }
        assert_eq!(stdout(&output), "", "{arguments:?}");
    }
}

#[test]
fn a_link_holds_what_was_asked_for() {
    let here = folder("link");
    let runs = ["--run", "kubectl apply -f .", "--run", "kubectl get pods"];
    let mut arguments =
        vec!["link", "--profile", "kind", "-f", STORY, "--base", "https://a.example/saya/#old"];
    arguments.extend(runs);
    let link = printed(&here, &arguments);
    assert!(link.starts_with("https://a.example/saya/#s=1."), "{link}");
    let text = printed(&here, &["open", link.trim()]);
    assert_eq!(Share::open(&link).unwrap().to_string(), text);
    for words in [
        "profile kind\n",
        "file ss-mysql.yml\n",
        "at 0 type 1 \"kubectl apply -f .\\n\"\n",
        "\"kubectl get pods\\n\"\n",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    fs::write(here.join("link.txt"), &link).unwrap();
    fs::write(here.join("text.saya"), &text).unwrap();
    for place in ["link.txt", "text.saya"] {
        assert_eq!(printed(&here, &["open", place]), text);
        let figure = printed(&here, &["render", "--session", place, "--format", "txt"]);
        assert!(figure.contains("Pod mysql-0: Running"), "{figure}");
        assert_eq!(figure.matches("Node kind").count(), 3, "{figure}");
        let before = printed(&here, &["render", "--session", place, "--format", "txt", "--at", "0.5"]);
        assert!(before.contains("Pod mysql-0") && !before.contains("mysql-0: Running"), "{before}");
    }
}

#[test]
fn a_figure_comes_in_every_format() {
    let here = folder("render");
    let render = |rest: &[&str]| {
        let mut arguments = vec!["render", "-f", STORY];
        arguments.extend(rest);
        let output = saya(&here, &arguments);
        assert_eq!(output.status.code(), Some(0), "{rest:?}: {}", stderr(&output));
        output.stdout
    };
    let svg = String::from_utf8(render(&[])).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains(">mysql-0<"), "{svg}");
    for (name, begins) in [
        ("a.svg", "<svg "),
        ("a.drawio", "<mxfile>"),
        ("a.drawio.svg", "<svg "),
        ("a.txt", "Kubernetes Cluster: 1 node, 2 Pods, 1 Service."),
    ] {
        assert_eq!(render(&["-o", name]), b"", "{name}");
        let text = fs::read_to_string(here.join(name)).unwrap();
        assert!(text.starts_with(begins), "{name}: {}", &text[..80]);
        assert_eq!(text.contains("mxfile"), name.contains("drawio"), "{name}");
    }
    let ja = String::from_utf8(render(&["--format", "txt", "--lang", "ja"])).unwrap();
    assert!(ja.contains("ノード 1 台、Pod 2 個、Service 1 個。"), "{ja}");
    let ko = String::from_utf8(render(&["--format", "txt", "--lang", "ko-KR"])).unwrap();
    assert!(ko.contains("Pod 2개"), "{ko}");
    let dark = String::from_utf8(render(&["--theme", "dark"])).unwrap();
    assert_ne!(dark, svg);
    assert_eq!(svg.matches("<path").count(), dark.matches("<path").count());
}

/// An independent reader paints the figure: twice its size, white paper, black lines, blue icons, and words.
#[test]
fn a_figure_is_painted() {
    let here = folder("png");
    let plain = printed(&here, &["render", "-f", STORY]);
    let size = |name: &str| -> f32 {
        plain.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    printed(&here, &["render", "-f", STORY, "-o", "a.png"]);
    let picture = resvg::tiny_skia::Pixmap::load_png(here.join("a.png")).unwrap();
    assert_eq!(
        (picture.width(), picture.height()),
        ((size("width") * 2.0).ceil() as u32, (size("height") * 2.0).ceil() as u32)
    );
    let count = |wanted: [u8; 3]| {
        let is = |pixel: &&resvg::tiny_skia::PremultipliedColorU8| {
            [pixel.red(), pixel.green(), pixel.blue()] == wanted
        };
        picture.pixels().iter().filter(is).count()
    };
    let file = fs::read(here.join("a.png")).unwrap();
    let per_metre = file[41..45].iter().fold(0, |sum, byte| sum * 256 + u32::from(*byte));
    assert_eq!((&file[37..41], per_metre), (&b"pHYs"[..], 7559), "192 dots an inch");
    assert!(count([255, 255, 255]) > picture.pixels().len() / 2);
    assert!(count([0x28, 0x75, 0xE2]) > 1_000, "the icons");
    assert!(count([0, 0, 0]) > 3_000, "lines");
}

/// What a connection meets decides what is drawn of it, and is told below.
#[test]
fn a_traced_connection_is_drawn_and_told() {
    let here = folder("trace");
    let text = |to: &str| {
        printed(&here, &["render", "-f", STORY, "--trace", "deployment/pma", to, "--format", "txt"])
    };
    assert!(text("mysql").ends_with("Yes: mysql:3306 is reached\n"), "{}", text("mysql"));
    assert!(text("svc/mysql:3306").contains("✓ mysql is 10."));
    assert!(text("mysql-0").contains("mysql listens on port 3306"), "{}", text("mysql-0"));
    assert!(
        text("mysql:3307").contains("✗ 10.")
            && text("mysql:3307").contains("which has no port 3307, only 3306")
    );
    assert!(text("nosuch:80").contains("No: nosuch is no name that the cluster knows"));
    let drawn = |to: &str| printed(&here, &["render", "-f", STORY, "--trace", "deployment/pma", to]);
    let red = "#b85450";
    assert!(!drawn("mysql").contains(red) && drawn("mysql:3307").contains(red));
    assert!(drawn("mysql:3307").contains(">3307/tcp<"), "{}", drawn("mysql:3307"));
}

#[test]
fn an_import_knows_the_kinds_of_its_definitions() {
    let here = folder("import-custom");
    let dump = r#"
apiVersion: v1
kind: List
items:
- apiVersion: library.example.com/v1
  kind: Book
  metadata: {name: kokoro, namespace: default, creationTimestamp: "2026-01-01T00:00:00Z"}
  spec: {title: Kokoro}
- apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: {name: books.library.example.com, creationTimestamp: "2026-01-01T00:00:00Z"}
  spec:
    group: library.example.com
    scope: Namespaced
    names: {kind: Book, plural: books, singular: book, listKind: BookList}
    versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      additionalPrinterColumns: [{name: Title, type: string, jsonPath: .spec.title}]
  status:
    conditions: [{type: Established, status: "True"}]
"#;
    fs::write(here.join("dump.yml"), dump).unwrap();
    fs::write(here.join("script"), "kubectl get books\n").unwrap();
    let output = saya(&here, &["run", "--import", "dump.yml", "script"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "$ kubectl get books\nNAME     TITLE\nkokoro   Kokoro\n");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_import_is_shown_as_it_is() {
    let here = folder("import");
    let dump = r#"
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata: {name: worker-7, creationTimestamp: "2026-01-01T00:00:00Z"}
  status: {conditions: [{type: Ready, status: "True"}]}
- apiVersion: v1
  kind: Pod
  metadata: {name: web, namespace: default, creationTimestamp: "2026-01-01T00:00:00Z"}
  spec: {nodeName: worker-7, containers: [{name: web, image: nginx}]}
  status:
    phase: Running
    podIP: 10.9.8.7
    containerStatuses: [{name: web, ready: true, restartCount: 3, image: nginx, imageID: x, state: {running: {startedAt: "2026-01-01T00:00:01Z"}}}]
- apiVersion: v1
  kind: Secret
  metadata:
    name: key
    namespace: default
    annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data":{"password":"aHVudGVyMg=="}}'}
  data: {password: aHVudGVyMg==}
- apiVersion: example.com/v1
  kind: Widget
  metadata: {name: w}
"#;
    fs::write(here.join("dump.yml"), dump).unwrap();
    fs::write(here.join("script"), "kubectl get nodes\nkubectl get pods\nkubectl get secret key -o yaml\n")
        .unwrap();
    let output = saya(&here, &["run", "--import", "dump.yml", "--now", "2026-01-03T00:00:00Z", "script"]);
    let (said, shown) = (stderr(&output), stdout(&output));
    assert!(said.contains("the values of 1 Secrets were dropped"), "{said}");
    assert!(said.contains("Widget of example.com/v1"), "{said}");
    assert!(shown.contains("worker-7   Ready") && !shown.contains("docker-desktop "), "{shown}");
    assert!(shown.contains("web    1/1     Running   3          2d"), "{shown}");
    assert!(shown.contains("password: \"\"") && !shown.contains("aHVudGVyMg"), "{shown}");
    let figure = printed(&here, &["render", "--import", "dump.yml", "--format", "txt"]);
    assert!(figure.contains("Node worker-7") && figure.contains("IP 10.9.8.7"), "{figure}");
    // The API server's own list names its kind once.
    let raw = r#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a","namespace":"default"},"spec":{"nodeName":"n1","containers":[{"name":"a","image":"nginx"}]}}]}"#;
    fs::write(here.join("raw.json"), raw).unwrap();
    let figure = printed(&here, &["render", "--import", "raw.json", "--format", "txt"]);
    assert!(figure.contains("Node n1") && figure.contains("Pod a"), "{figure}");
}
