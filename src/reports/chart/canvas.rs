//! A surface on which rectangles and words are put, at whatever scale. What is drawn in memory does not fail; were a chart
//! ever left out, its words and its table say the same.

use std::sync::Once;

use plotters::backend::DrawingBackend;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontStyle, IntoFont as _, RGBColor, ShapeStyle, TextStyle, register_font};

use super::super::palette::{Colour, INK, is_dark};
use super::legend::places;

/// Roboto Regular by Google, under Apache-2.0, cut to the letters of Latin-1: a server has no fonts.
const FONT: &[u8] = include_bytes!("../../../templates/roboto.ttf");
const FAMILY: &str = "sans-serif";
const BLACK: Colour = (0, 0, 0);
const WHITE: Colour = (0xff, 0xff, 0xff);

/// Where a word stands relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

pub(super) struct Canvas<'a, B: DrawingBackend> {
    area: &'a DrawingArea<B, Shift>,
    scale: i32,
    /// Its width in logical pixels.
    pub(super) across: i32,
}

impl<'a, B: DrawingBackend> Canvas<'a, B> {
    pub(super) fn new(area: &'a DrawingArea<B, Shift>, scale: i32) -> Self {
        static FONTS: Once = Once::new();
        // Ours, and read by a test: without it words would be left out, and nothing else.
        FONTS.call_once(|| drop(register_font(FAMILY, FontStyle::Normal, FONT)));
        let across = area.dim_in_pixel().0 as i32 / scale;
        Self { area, scale, across }
    }

    /// With an edge of ink, so that it is seen on any ground.
    pub(super) fn block(&self, (left, top): (i32, i32), (width, height): (i32, i32), fill: Colour) {
        let corners = [(left, top), (left + width, top + height)].map(|(x, y)| (x * self.scale, y * self.scale));
        let edge = ShapeStyle { color: rgb(INK).into(), filled: false, stroke_width: self.scale as u32 };
        let _ = self.area.draw(&Rectangle::new(corners, ShapeStyle::from(rgb(fill)).filled()));
        let _ = self.area.draw(&Rectangle::new(corners, edge));
    }

    /// The part of a ring between two angles, in radians from the top and clockwise, with an edge of ink.
    pub(super) fn arc(&self, middle: (i32, i32), (inner, outer): (f64, f64), (from, to): (f64, f64), fill: Colour) {
        let place = |radius: f64, angle: f64| {
            let (x, y) = (radius * angle.sin(), -radius * angle.cos());
            ((f64::from(middle.0) + x) * f64::from(self.scale), (f64::from(middle.1) + y) * f64::from(self.scale))
        };
        let steps = ((to - from) * 24.0).ceil().max(1.0) as u32;
        let angle = |step: u32| from + (to - from) * f64::from(step) / f64::from(steps);
        let out = (0..=steps).map(|step| place(outer, angle(step)));
        let back = (0..=steps).rev().map(|step| place(inner, angle(step)));
        let points: Vec<(i32, i32)> = out.chain(back).map(|(x, y)| (x.round() as i32, y.round() as i32)).collect();
        let edge = ShapeStyle { color: rgb(INK).into(), filled: false, stroke_width: self.scale as u32 };
        let closed: Vec<(i32, i32)> = points.iter().copied().chain(points.first().copied()).collect();
        let _ = self.area.draw(&Polygon::new(points, ShapeStyle::from(rgb(fill)).filled()));
        let _ = self.area.draw(&PathElement::new(closed, edge));
    }

    pub(super) fn line(&self, (x, y): (i32, i32), length: i32) {
        let ends = [(x * self.scale, y * self.scale), ((x + length) * self.scale, y * self.scale)];
        let style = ShapeStyle { color: rgb(INK).into(), filled: false, stroke_width: self.scale as u32 };
        let _ = self.area.draw(&PathElement::new(ends.to_vec(), style));
    }

    /// In ink, its middle at this height.
    pub(super) fn word(&self, text: &str, at: (i32, i32), align: Align) {
        self.write(text, at, align, INK);
    }

    /// On a block of this colour.
    pub(super) fn word_on(&self, text: &str, at: (i32, i32), ground: Colour) {
        self.write(text, at, Align::Middle, if is_dark(ground) { WHITE } else { BLACK });
    }

    fn write(&self, text: &str, (x, y): (i32, i32), align: Align, ink: Colour) {
        let across = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let style = self.style(ink).pos(Pos::new(across, VPos::Center));
        let _ = self.area.draw(&Text::new(text.to_owned(), (x * self.scale, y * self.scale), style));
    }

    /// How wide a word is.
    pub(super) fn width(&self, text: &str) -> i32 {
        let size = self.area.estimate_text_size(text, &self.style(INK));
        size.map_or(0, |(width, _)| width as i32 / self.scale + 1)
    }

    fn style(&self, ink: Colour) -> TextStyle<'static> {
        let mut style = TextStyle::from((FAMILY, 15 * self.scale).into_font());
        style.color = rgb(ink).to_backend_color();
        style
    }

    /// What the colours mean, below this height.
    pub(super) fn legend(&self, below: u32, of: &[(String, Colour)]) {
        for ((text, colour), (x, y)) in of.iter().zip(places(of, self.across)) {
            let y = below as i32 + y;
            self.block((x, y - 6), (12, 12), *colour);
            self.word(text, (x + 18, y), Align::Left);
        }
    }
}

fn rgb((red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}
