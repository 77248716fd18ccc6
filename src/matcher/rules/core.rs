//! What rules share that compare the cores of names: what remains of them without customary words and versions.

use crate::matcher::evidence::cost;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;

/// Do two different names have the same core: what remains without customary words and versions?
pub(super) fn same_core(pair: &Pair<'_>) -> bool {
    pair.comparable() && pair.forms().core() == pair.watch.core() && pair.forms().joined() != pair.watch.joined()
}

/// Evidence where the core is what two names share: it is worth no more than the core, whatever stands around it, and
/// less for every customary word beyond the first.
pub(super) fn core_evidence(pair: &Pair<'_>, technique: f32) -> Option<Evidence> {
    let name = pair.forms();
    let (from, to) = name.stem_tokens();
    let around = name.tokens() - (to - from);
    let more = cost::AFFIX_EACH * f32::from(u8::try_from(around.saturating_sub(1)).unwrap_or(u8::MAX));
    Evidence::bits(pair.name.bits().min(pair.name.core_bits() + cost::CORE_BITS), technique + more, None)
}
