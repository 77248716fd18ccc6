//! Charts: SVG on pages, PNG in mails, and the same in words for whoever sees neither.

mod canvas;
mod cases;
mod coverage;
mod frame;
mod hours;
mod legend;
mod names;
mod ring;
mod strip;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::drawing::IntoDrawingArea as _;

use crate::model::Time;
use crate::model::report::Bar;
use crate::reports::palette::Colour;
use canvas::Canvas;

pub(super) use frame::WIDTH;
pub(super) use ring::SIDE;
pub(super) use strip::{Spans, Strip};

/// Pixels of a picture for each of them, for screens that have them.
const SCALE: u32 = 2;

/// What is drawn. Everything in it is ours: words, numbers and dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Chart {
    /// How many names stand how.
    Names(Vec<(&'static str, usize)>),
    /// New cases over the period.
    Cases { bars: Vec<Bar>, until: Time },
    /// What was seen of the period.
    Coverage(Strip),
    /// The names again, as a ring.
    Ring(Vec<(&'static str, usize)>),
    /// Registrations of each hour, from that of the first time.
    Hours { from: Time, counts: Vec<u64> },
}

impl Chart {
    /// The same in a sentence.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Names(counts) => names::text(counts),
            Self::Cases { bars, .. } => cases::text(bars),
            Self::Coverage(strip) => coverage::text(strip),
            Self::Ring(counts) => names::text(counts),
            Self::Hours { counts, .. } => hours::text(counts),
        }
    }

    /// What it is called as a part of a mail.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Names(_) => "names",
            Self::Cases { .. } => "cases",
            Self::Coverage(_) => "coverage",
            Self::Ring(_) => "ring",
            Self::Hours { .. } => "hours",
        }
    }

    /// What its colours mean; nothing where words beside it say so.
    pub(super) fn legend(&self) -> Vec<(String, Colour)> {
        match self {
            Self::Names(counts) => names::legend(counts),
            Self::Cases { .. } => cases::legend(),
            Self::Coverage(_) => coverage::legend(),
            Self::Ring(_) | Self::Hours { .. } => Vec::new(),
        }
    }

    /// As wide as a mail has it, with its legend.
    pub(super) fn height(&self) -> u32 {
        self.drawn() + legend::height(&self.legend(), WIDTH as i32)
    }

    /// Without its legend.
    fn drawn(&self) -> u32 {
        match self {
            Self::Names(_) => names::HEIGHT,
            Self::Cases { .. } => cases::HEIGHT,
            Self::Coverage(_) => coverage::HEIGHT,
            Self::Ring(_) => SIDE,
            Self::Hours { .. } => hours::HEIGHT,
        }
    }

    /// For a page: its ink is that of the text around it, light or dark.
    pub(super) fn svg(&self) -> String {
        self.svg_of((WIDTH, self.height()), &self.legend())
    }

    /// The same so wide, without its legend: words keep their size, so a narrow one can be read on a telephone.
    pub(super) fn svg_across(&self, width: u32) -> String {
        self.svg_of((width, self.drawn()), &[])
    }

    fn svg_of(&self, size: (u32, u32), legend: &[(String, Colour)]) -> String {
        let mut svg = String::new();
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let canvas = Canvas::new(&area, 1);
        self.draw(&canvas);
        canvas.legend(self.drawn(), legend);
        drop(area);
        let (red, green, blue) = super::palette::INK;
        svg.replace(&format!("\"#{red:02X}{green:02X}{blue:02X}\""), "\"currentColor\"")
    }

    /// For a mail, on white: whatever is around it, it can be read.
    pub(super) fn png(&self) -> Vec<u8> {
        let (width, height) = (WIDTH * SCALE, self.height() * SCALE);
        let mut pixels = vec![0xff; (width * height * 3) as usize];
        let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        let canvas = Canvas::new(&area, SCALE as i32);
        self.draw(&canvas);
        canvas.legend(self.drawn(), &self.legend());
        drop(area);
        encoded(&pixels, width, height).unwrap_or_default()
    }

    fn draw(&self, canvas: &Canvas<'_, impl plotters::backend::DrawingBackend>) {
        match self {
            Self::Names(counts) => names::draw(canvas, counts),
            Self::Cases { bars, until } => cases::draw(canvas, bars, *until),
            Self::Coverage(strip) => coverage::draw(canvas, strip),
            Self::Ring(counts) => ring::draw(canvas, counts),
            Self::Hours { from, counts } => hours::draw(canvas, *from, counts),
        }
    }
}

fn encoded(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(picture)
}
