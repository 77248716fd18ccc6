//! The phases of the measurement, each a line or two of the report.

use std::time::{Duration, Instant};

use namewarden::sim::sink::{HttpSink, SmtpSink};
use namewarden::sim::{Fault, Sim};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::events::fifty_thousand;
use crate::inventory;
use crate::place::{Place, Plan};
use crate::process::{busy, forget_peak, megabytes};
use crate::program::Program;

const PATIENCE: Duration = Duration::from_secs(180);
/// As shipped, but for the index, which is looked at within the measurement.
const CALM: &str = "changelog_every = \"60s\"\nrss_every = \"30s\"\nreconcile_every = \"60s\"";
const QUICK: &str = "changelog_every = \"1s\"\nrss_every = \"1s\"";

/// The outside world.
pub(crate) struct Bench {
    pub(crate) sim: Sim,
    pub(crate) mail: SmtpSink,
    pub(crate) hook: HttpSink,
}

impl Bench {
    pub(crate) fn place(&self) -> Place {
        Place::new(&self.plan(CALM, &self.hook.base_url()))
    }

    fn plan<'a>(&'a self, feeds: &'a str, hook: &'a str) -> Plan<'a> {
        // Leaked: a few lines, once per place, in a program that ends soon.
        let inventory: &'static str = inventory::text().leak();
        Plan { pypi: self.sim.base_url(), smtp_port: self.mail.address().port(), hook, feeds, inventory }
    }

    /// First start: everything is new.
    pub(crate) async fn baseline(&self, place: &Place) {
        self.render().await;
        let mut daemon = Program::start(&place.config(), None);
        let line = daemon.says("the baseline is made", 1, PATIENCE).await;
        report("first baseline, from the start of the process", line.at - daemon.started, &daemon);
        daemon.stop().await;
    }

    /// An index pass when everything is known but one project.
    pub(crate) async fn reconcile(&self, place: &Place) {
        self.sim.world().upload("one-more-project", "0.1", "", "somebody", Sim::now()).expect("nobody has it");
        self.render().await;
        let mut daemon = Program::start(&place.config(), None);
        let line = daemon.says("index pass: compared", 1, PATIENCE).await;
        report("reconcile, from the start of the process", line.at - daemon.started, &daemon);
        daemon.stop().await;
    }

    /// One changelog page of 50,000 events, with the index out of the way.
    pub(crate) async fn page(&self, place: &Place) {
        let events = fifty_thousand(&self.sim, 1);
        self.sim.faults().start(Fault::IndexError);
        let mut daemon = Program::start(&place.config(), None);
        let line = daemon.says("is stored feed=changelog", 1, PATIENCE).await;
        report(
            &format!("changelog page of {events} events, from the start of the process"),
            line.at - daemon.started,
            &daemon,
        );
        self.sim.faults().clear();
        daemon.stop().await;
    }

    /// From the act at the simulator to the mail server's "stored", for names that are not looked up and such that are.
    pub(crate) async fn latency(&self, place: &Place) {
        place.configure(&self.plan(QUICK, &self.hook.base_url()));
        let mut daemon = Program::start(&place.config(), None);
        daemon.says("index pass", 1, PATIENCE).await;
        tokio::time::sleep(Duration::from_secs(20)).await;
        while self.mail.next(Duration::from_secs(1)).await.is_some() {}
        let names: Vec<String> = inventory::names().take(20).collect();
        let (exact, near): (Vec<_>, Vec<_>) = names.iter().enumerate().partition(|(number, _)| number % 2 == 0);
        let near = near.into_iter().map(|(_, name)| format!("{name}s")).collect::<Vec<_>>();
        let exact = exact.into_iter().map(|(_, name)| name.clone()).collect::<Vec<_>>();
        self.times("one edit away (no look-up), 1 s polls", &near).await;
        self.times("the exact name (one look-up), 1 s polls", &exact).await;
        daemon.stop().await;
    }

    async fn times(&self, what: &str, names: &[String]) {
        let mut took = Vec::new();
        for (number, name) in names.iter().enumerate() {
            // A different moment between two polls each time.
            tokio::time::sleep(Duration::from_millis(2_000 + 137 * number as u64)).await;
            self.sim.world().upload(name, "9.0", "", "mallory", Sim::now()).expect("nobody has it");
            let visible = Instant::now();
            while let Some(mail) = self.mail.next(PATIENCE).await {
                if mail.text().contains(name.as_str()) {
                    break;
                }
            }
            took.push(visible.elapsed().as_secs_f64());
        }
        took.sort_by(f64::total_cmp);
        println!(
            "latency to SMTP, {what}: median {:.2} s, most {:.2} s of {}",
            took[took.len() / 2],
            took[took.len() - 1],
            took.len()
        );
    }

    /// One process through baseline, a page of 50,000 events and a reconcile; then a minute of peace.
    pub(crate) async fn life(&self, place: &Place) {
        self.render().await;
        let mut daemon = Program::start(&place.config(), None);
        let pid = daemon.pid();
        let line = daemon.says("the baseline is made", 1, PATIENCE).await;
        report("one life: baseline", line.at - daemon.started, &daemon);
        println!("    resident after it: {:.1} MB", megabytes(pid, "VmRSS"));
        forget_peak(pid);
        fifty_thousand(&self.sim, 2);
        daemon.says("is stored feed=changelog", 1, PATIENCE).await;
        println!("one life: page: peak {:.1} MB, then {:.1} MB", megabytes(pid, "VmHWM"), megabytes(pid, "VmRSS"));
        forget_peak(pid);
        daemon.says("index pass: compared", 1, PATIENCE).await;
        println!("one life: reconcile: peak {:.1} MB, then {:.1} MB", megabytes(pid, "VmHWM"), megabytes(pid, "VmRSS"));
        // The last messages go out, and the next look at the index finds nothing new.
        tokio::time::sleep(Duration::from_secs(75)).await;
        forget_peak(pid);
        let (before, minute) = (busy(pid), Duration::from_secs(60));
        tokio::time::sleep(minute).await;
        let share = (busy(pid) - before).as_secs_f64() / minute.as_secs_f64() * 100.0;
        println!(
            "idle for 60 s: {:.1} MB resident, peak {:.1} MB, {share:.2} % of a core",
            megabytes(pid, "VmRSS"),
            megabytes(pid, "VmHWM")
        );
        daemon.stop().await;
    }

    /// Lets the simulator render its index before the daemon asks, as PyPI's edge has done.
    async fn render(&self) {
        let host = self.sim.base_url().trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(host).await.expect("the simulator listens");
        let request = "GET /simple/ HTTP/1.0\r\naccept: application/vnd.pypi.simple.v1+json\r\n\r\n";
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut body = vec![0; 1 << 16];
        while stream.read(&mut body).await.expect("answered") > 0 {}
    }
}

fn report(what: &str, took: Duration, daemon: &Program) {
    println!(
        "{what}: {:.2} s, peak {:.1} MB, processor {:.2} s",
        took.as_secs_f64(),
        megabytes(daemon.pid(), "VmHWM"),
        busy(daemon.pid()).as_secs_f64()
    );
}
