//! The chart: two panels of bars, in colours that are read on a light page and on a dark one.

use plotters::{
    backend::SVGBackend,
    chart::ChartBuilder,
    coord::{Shift, ranged1d::SegmentValue},
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Rectangle, Text},
    prelude::IntoSegmentedCoord,
    style::{
        Color, IntoFont, RGBColor, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::{failure::Failure, report::Report, start::Kind};

/// Neither black nor white: the page may be either.
const INK: RGBColor = RGBColor(118, 126, 138);
const OURS: RGBColor = RGBColor(47, 129, 247);
const REFERENCE: RGBColor = RGBColor(155, 163, 175);
const SIZE: (u32, u32) = (1000, 430);

struct Bar {
    name: String,
    length: f64,
    label: String,
    colour: RGBColor,
}

/// How a panel's axis runs.
struct Axis {
    from: f64,
    to: f64,
    ticks: usize,
    tick: fn(f64) -> String,
}

/// Draws what was measured as an SVG.
pub fn draw(report: &Report) -> Result<String, Failure> {
    let starts = report.starts.iter().map(|start| {
        let times = report.times(start);
        Bar {
            name: start.name.clone(),
            // Logarithms, because Python is two orders of magnitude away.
            length: times.log10(),
            label: format!("{times:.2} × ({:.1} ms)", start.median.as_secs_f64() * 1000.0),
            colour: if start.kind == Kind::Function { OURS } else { REFERENCE },
        }
    });
    let shares = report.throughput.iter().map(|measured| Bar {
        name: if measured.reference_name.ends_with("alone") {
            format!("{} ({})", measured.name, measured.reference_name)
        } else {
            measured.name.to_owned()
        },
        length: measured.share() * 100.0,
        label: format!("{:.0} % ({:.0}/s)", measured.share() * 100.0, measured.operation.per_second),
        colour: OURS,
    });
    let (starts, shares): (Vec<_>, Vec<_>) = (starts.collect(), shares.collect());
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let (left, right) = area.split_horizontally(SIZE.0 / 2);
        let logarithmic = Axis { from: -0.2, to: 3.4, ticks: 4, tick: |x| format!("{:.0} ×", 10_f64.powf(x)) };
        panel(&left, "Start, beside hello (logarithmic)", &starts, &logarithmic)?;
        let percent = Axis { from: 0.0, to: 150.0, ticks: 6, tick: |x| format!("{x:.0} %") };
        panel(&right, "Requests/s, beside the bare requests to AWS", &shares, &percent)?;
        area.present()?;
    }
    Ok(svg)
}

fn panel(area: &DrawingArea<SVGBackend<'_>, Shift>, title: &str, bars: &[Bar], axis: &Axis) -> Result<(), Failure> {
    let ink = |size: u32| TextStyle::from(("sans-serif", size).into_font()).color(&INK);
    let rows = i32::try_from(bars.len())?;
    let mut chart = ChartBuilder::on(area)
        .caption(title, ink(17))
        .margin(10)
        .x_label_area_size(28)
        .y_label_area_size(165)
        .build_cartesian_2d(axis.from..axis.to, (0..rows).into_segmented())?;
    // The first bar is the uppermost.
    let bar_of = |row: i32| usize::try_from(rows - 1 - row).ok().and_then(|index| bars.get(index));
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(INK.mix(0.0))
        .bold_line_style(INK.mix(0.25))
        .axis_style(INK)
        .x_labels(axis.ticks)
        .y_labels(bars.len())
        .label_style(ink(13))
        .x_label_formatter(&|x| (axis.tick)(*x))
        .y_label_formatter(&|row| match row {
            SegmentValue::CenterOf(row) => bar_of(*row).map_or_else(String::new, |bar| bar.name.clone()),
            SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
        })
        .draw()?;
    let beside = ink(12).pos(Pos::new(HPos::Left, VPos::Center));
    for row in 0..rows {
        let Some(bar) = bar_of(row) else { continue };
        let corners = [(axis.from, SegmentValue::Exact(row)), (bar.length, SegmentValue::Exact(row + 1))];
        let mut rectangle = Rectangle::new(corners, bar.colour.filled());
        rectangle.set_margin(4, 4, 0, 0);
        chart.draw_series([rectangle])?;
        let end = bar.length.clamp(axis.from, axis.to) + (axis.to - axis.from) * 0.01;
        chart.draw_series([Text::new(bar.label.clone(), (end, SegmentValue::CenterOf(row)), beside.clone())])?;
    }
    Ok(())
}
