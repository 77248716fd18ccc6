//! Files on their way: a gate that is killed while one comes, a disk that takes half of one, and one that is changed while it goes out.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::JoinHandle;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::kills::Small;
use super::{JSON, Stage, index};

/// More than the disk of a test takes, and than what systems keep for a connection.
const SIZE: usize = 12_000_000;
const VERSIONS: usize = 3;

static FILES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| (0..VERSIONS).map(|version| (0..SIZE).map(|at| (at / 7 + version) as u8).collect()).collect());

fn path(version: usize) -> String {
    format!("/files/acme-billing/acme_billing-{version}-py3-none-any.whl")
}

/// An index of our own with large files, which it sends up to a point, and no further.
struct Halting {
    root: String,
    /// `None`: it sends all of them.
    stops: Arc<Mutex<Option<usize>>>,
    /// It has sent as much as it will.
    sent: Receiver<()>,
}

impl Halting {
    fn start() -> Self {
        // It takes longer than a gate waits.
        LazyLock::force(&PAGE);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let root = format!("http://{}/simple/", listener.local_addr().expect("an address"));
        let ((tell, sent), stops) = (channel(), Arc::<Mutex<Option<usize>>>::default());
        let at = Arc::clone(&stops);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, tell, at) = (stream.expect("a connection"), tell.clone(), *at.lock().expect("whole"));
                std::thread::spawn(move || answer(stream, &tell, at));
            }
        });
        Self { root, stops, sent }
    }

    fn stops_at(&self, at: Option<usize>) {
        *self.stops.lock().expect("whole") = at;
    }
}

fn answer(mut stream: TcpStream, tell: &Sender<()>, stops: Option<usize>) {
    let mut lines = BufReader::new(stream.try_clone().expect("another")).lines();
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    // To the end of the head.
    let _ = lines.map_while(Result::ok).find(String::is_empty);
    let asked = first.split(' ').nth(1).unwrap_or_default();
    let version = (0..VERSIONS).find(|version| asked == path(*version));
    let (status, body) = match (version, asked) {
        (Some(version), _) => ("200 OK", FILES[version].clone()),
        (None, "/simple/acme-billing/") => ("200 OK", PAGE.clone().into_bytes()),
        (None, _) => ("404 Not Found", Vec::new()),
    };
    let head = format!("content-type: {}\r\nconnection: close\r\ncontent-length: {}", JSON.1, body.len());
    let upto = stops.filter(|_| version.is_some()).unwrap_or(body.len());
    // Whoever asked may be dead.
    let _ = write!(stream, "HTTP/1.1 {status}\r\n{head}\r\n\r\n").and_then(|()| stream.write_all(&body[..upto]));
    if upto < body.len() {
        let _ = tell.send(());
        // Until they are.
        let _ = stream.read(&mut [0]);
    }
}

/// Of all of them.
static PAGE: LazyLock<String> = LazyLock::new(|| {
    let file = |version: usize| {
        let sha256: String = Sha256::digest(&FILES[version]).iter().map(|byte| format!("{byte:02x}")).collect();
        let filename = format!("acme_billing-{version}-py3-none-any.whl");
        json!({"filename": filename, "url": path(version), "hashes": {"sha256": sha256}, "size": SIZE})
    };
    let files: Vec<_> = (0..VERSIONS).map(file).collect();
    json!({"meta": {"api-version": "1.1"}, "name": "acme-billing", "files": files}).to_string()
});

impl Stage {
    /// All that comes to whoever asks for this, until the connection ends.
    fn received(&self, path: &str) -> JoinHandle<Vec<u8>> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        write!(line, "GET {path} HTTP/1.0\r\nhost: gate\r\n\r\n").expect("sent");
        std::thread::spawn(move || {
            let mut all = Vec::new();
            // One that is reset ends as well.
            let _ = line.read_to_end(&mut all);
            all
        })
    }

    fn of_cache(&self, is_whole: bool) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.dir.path().join("cache")).expect("a cache");
        let files = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
        files.filter(|path| path.extension().is_none() == is_whole).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_is_killed_while_a_file_comes_gave_out_none_of_it_and_gives_out_all_later() {
    let own = Halting::start();
    let mut stage = Stage::before(index(&[]).await, "", Some(&own.root)).await;
    for (version, stops) in [0, SIZE / 2, SIZE - 1].into_iter().enumerate() {
        own.stops_at(Some(stops));
        let two = [stage.received(&path(version)), stage.received(&path(version))];
        own.sent.recv().expect("it is asked");
        if stops > 0 {
            while stage.of_cache(false).iter().all(|part| part.metadata().is_ok_and(|of| of.len() == 0)) {
                std::thread::yield_now();
            }
        }
        stage.restart().await;
        for came in two {
            assert_eq!(came.join().expect("no panic"), b"", "nobody heard a word of {stops} bytes");
        }
        assert_eq!(
            (stage.of_cache(false).len(), stage.of_cache(true).len()),
            (0, version),
            "half a file is swept away"
        );
        own.stops_at(None);
        let whole = stage.get(&path(version), &[]).await;
        assert!(whole.status == 200 && whole.body == FILES[version], "{} {}", whole.status, whole.body.len());
        assert!(own.sent.try_recv().is_err(), "both waited for one");
    }
}

/// Its name is left alone: what was verified is what is read.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_or_replaced_while_it_goes_out_never_ends_as_if_it_were_whole() {
    let own = Halting::start();
    let stage = Stage::before(index(&[]).await, "", Some(&own.root)).await;
    for cut in [true, false] {
        let version = usize::from(cut);
        assert_eq!(stage.get(&path(version), &[("range", "bytes=0-0")]).await.status, 206);
        let kept = stage.of_cache(true);
        let mut line = TcpStream::connect(("127.0.0.1", stage.port)).expect("it listens");
        write!(line, "GET {} HTTP/1.0\r\nhost: gate\r\n\r\n", path(version)).expect("sent");
        // It is on its way, and waits for us.
        let mut all = vec![0; 100];
        line.read_exact(&mut all).expect("it begins");
        for file in kept {
            match cut {
                true => std::fs::File::options().write(true).open(file).and_then(|file| file.set_len(1000)),
                false => std::fs::remove_file(&file).and_then(|()| std::fs::write(&file, "other bytes")),
            }
            .expect("done");
        }
        let ended = line.read_to_end(&mut all);
        let begins = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
        let (came, whole) = (&all[begins..], &FILES[version]);
        assert!(whole.starts_with(came), "no byte is another");
        let is_whole = ended.is_ok() && came.len() == SIZE;
        assert!(is_whole != cut, "{} of {SIZE} bytes", came.len());
        assert!(stage.get(&path(version), &[]).await.body == *whole, "and is fetched anew");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root; tests/run provides it where it is root"]
async fn a_disk_that_takes_half_of_a_file_costs_the_cache_and_not_the_file() {
    let own = Halting::start();
    let mut stage = Stage::before(index(&[]).await, "", Some(&own.root)).await;
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    let disk = Small::on(&stage.dir.path().join("cache"));
    stage.restart().await;
    for is_full in [false, true] {
        for came in [stage.received(&path(0)), stage.received(&path(0))] {
            assert!(came.join().expect("no panic").ends_with(&FILES[0]), "all of it, of the memory");
        }
        let part = stage.get(&path(0), &[("range", "bytes=11999990-")]).await;
        assert!(part.status == 206 && part.body == FILES[0][11_999_990..], "{}", part.status);
        assert!(stage.of_cache(false).is_empty(), "nothing of it is left there");
        if !is_full {
            // Now there is no room for a page either, and none at the start.
            disk.fill();
            assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 200);
            stage.restart().await;
        }
    }
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 200);
}
