//! The colours of charts: those of Okabe and Ito (2008), which people with any kind of colour blindness can tell apart. Each
//! stretch has an edge, a number or a word beside it, so that nothing is told by colour alone.

/// Red, green, blue.
pub(super) type Colour = (u8, u8, u8);

pub(super) const INK: Colour = (0x1c, 0x1c, 0x1a);
const VERMILLION: Colour = (0xd5, 0x5e, 0x00);
const ORANGE: Colour = (0xe6, 0x9f, 0x00);
const SKY: Colour = (0x56, 0xb4, 0xe9);
const GREEN: Colour = (0x00, 0x9e, 0x73);
const YELLOW: Colour = (0xf0, 0xe4, 0x42);
const BLUE: Colour = (0x00, 0x72, 0xb2);
const PURPLE: Colour = (0xcc, 0x79, 0xa7);
const GREY: Colour = (0xb0, 0xb0, 0xac);

pub(super) const PAGE: Colour = VERMILLION;
pub(super) const ALERT: Colour = ORANGE;
pub(super) const DIGEST: Colour = SKY;

pub(super) const HOUR: Colour = SKY;

pub(super) const EVERY: Colour = GREEN;
pub(super) const SURVIVORS: Colour = YELLOW;
pub(super) const UNSEEN: Colour = VERMILLION;

/// How a name stands.
pub(super) fn standing(word: &str) -> Colour {
    match word {
        "taken" => VERMILLION,
        "removed" => YELLOW,
        "quarantined" => PURPLE,
        "exposed" => ORANGE,
        "shielded" => SKY,
        "ours" => GREEN,
        "refused" => BLUE,
        _ => GREY,
    }
}

/// Is white easier to read on it than black? By the relative luminance of WCAG 2.2.
pub(super) fn is_dark((red, green, blue): Colour) -> bool {
    let linear = |part: u8| (f64::from(part) / 255.0).powf(2.2);
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    luminance < 0.179
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::report::STATES;

    type Linear = [f64; 3];

    fn linear((red, green, blue): Colour) -> Linear {
        [red, green, blue].map(|part| (f64::from(part) / 255.0).powf(2.2))
    }

    /// How it looks to who lacks one kind of cones, entirely: Machado, Oliveira and Fernandes (2009), severity 1.
    const SIGHTS: [[Linear; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ];

    /// CIE L*a*b*, in which a distance of 2 is one that people just see.
    fn lab(seen: Linear) -> Linear {
        let [r, g, b] = seen.map(|part| part.clamp(0.0, 1.0));
        let xyz = [
            (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
            0.2126 * r + 0.7152 * g + 0.0722 * b,
            (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
        ];
        let [x, y, z] = xyz.map(|t| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn nearest(colours: &[(&str, Colour)]) -> (f64, String) {
        let mut nearest = (f64::MAX, String::new());
        for (kind, sight) in SIGHTS.iter().enumerate() {
            let seen = |colour: Colour| {
                let of = linear(colour);
                lab(sight.map(|row| row[0] * of[0] + row[1] * of[1] + row[2] * of[2]))
            };
            for (at, (name, one)) in colours.iter().enumerate() {
                for (other, two) in &colours[at + 1..] {
                    let (a, b) = (seen(*one), seen(*two));
                    let distance = (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt();
                    if distance < nearest.0 {
                        nearest = (distance, format!("{name} and {other}, sight {kind}"));
                    }
                }
            }
        }
        nearest
    }

    #[test]
    fn whoever_is_colour_blind_tells_them_apart() {
        let standing: Vec<(&str, Colour)> = STATES.iter().map(|word| (*word, standing(word))).collect();
        let tiers = [("page", PAGE), ("alert", ALERT), ("digest", DIGEST)];
        let seen = [("every event", EVERY), ("survivors", SURVIVORS), ("unseen", UNSEEN)];
        for colours in [&standing[..], &tiers, &seen] {
            let (distance, which) = nearest(colours);
            assert!(distance > 10.0, "{which}: {distance:.1}");
        }
        let bad = [("red", (200, 60, 0)), ("green", (110, 110, 0))];
        assert!(nearest(&bad).0 < 25.0, "the measure knows what red and green are");
    }

    #[test]
    fn words_on_a_colour_can_be_read() {
        assert!(is_dark(BLUE) && !is_dark(YELLOW) && !is_dark(SKY) && is_dark(INK));
    }
}
