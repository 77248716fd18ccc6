//! Names for the benchmarks: real ones from a list, and generated ones by a fixed recipe.

use std::io::Read;

use namewarden::model::ProjectName;

/// Words of the generated names; 48 of them.
const WORDS: [&str; 48] = [
    "acme", "atlas", "audit", "batch", "billing", "bridge", "broker", "cache", "catalog", "chart", "claims", "cloud",
    "config", "crawler", "data", "deploy", "driver", "edge", "engine", "event", "feature", "fleet", "gateway", "graph",
    "identity", "ingest", "ledger", "lens", "loader", "mapper", "meter", "mobile", "notify", "orders", "payment",
    "pipeline", "planner", "pricing", "query", "report", "router", "schema", "signal", "stream", "task", "vault",
    "worker", "zone",
];

/// What is sighted and what is watched.
pub(crate) struct World {
    /// In the order of the list.
    names: Vec<String>,
    /// The most downloaded first.
    ranked: Vec<String>,
}

impl World {
    /// From a list, or generated.
    pub(crate) fn of(path: Option<&str>) -> Self {
        let generated = || Self { names: (0..200_000).map(|n| generated(7_919 * n + 5)).collect(), ranked: Vec::new() };
        path.map_or_else(generated, Self::read)
    }

    /// From a gzipped list (name, version, month, rank).
    fn read(path: &str) -> Self {
        let mut text = String::new();
        let file = std::fs::File::open(path).expect("a list that is there");
        flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("a gzipped list");
        let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split('\t').collect()).collect();
        let mut ranked: Vec<(u32, &str)> =
            rows.iter().filter_map(|row| Some((row.get(3)?.parse().ok()?, row[0]))).collect();
        ranked.sort_unstable();
        Self {
            names: rows.iter().map(|row| row[0].to_owned()).collect(),
            ranked: ranked.into_iter().map(|(_, name)| name.to_owned()).collect(),
        }
    }

    /// Ranked names first, then generated ones.
    pub(crate) fn watches(&self, count: usize) -> impl Iterator<Item = String> + '_ {
        self.ranked.iter().cloned().chain((0..).map(generated)).take(count)
    }

    /// About `count` names spread over the list.
    pub(crate) fn sighted(&self, count: usize) -> impl Iterator<Item = ProjectName> + '_ {
        let step = (self.names.len() / count).max(1);
        self.names.iter().step_by(step).filter_map(|name| ProjectName::parse(name).ok())
    }
}

/// The recipe: two words and a syllable from a multiplicative sequence, so that names differ by more than a number, and
/// a third word in every second name. The same number gives the same name everywhere.
pub(crate) fn generated(n: u64) -> String {
    let mix = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let word = |shift: u32| WORDS[(mix >> shift) as usize % WORDS.len()];
    let syllables = ["ba", "co", "du", "fe", "gi", "ka", "lo", "mu", "ne", "pi", "ra", "so", "tu", "ve", "wi", "zo"];
    let part: String = (0..4).map(|at| syllables[(mix >> (20 + 4 * at)) as usize % syllables.len()]).collect();
    if n.is_multiple_of(2) {
        format!("{}-{part}-{}", word(40), word(50))
    } else {
        format!("{}-{}-{part}-{}", word(40), word(46), word(52))
    }
}
