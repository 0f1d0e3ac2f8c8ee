use crate::axis::extent;
use crate::colour::RULE;
use crate::font::Weight;
use crate::frame::{self, Key, MARGIN};
use crate::numbers::{is_drawable, percent, value};
use crate::picture::{Anchor, Picture, Rect, Stroke, Text, WIDTH};
use crate::words::{SMALL, fit_names, widest};
use crate::{Error, Result, series};

/// The most names that one picture shows.
const MOST_NAMES: usize = 1000;

/// How the value at the end of a bar is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BarValue {
    /// The number: 0.812; 8,638.
    #[default]
    Number,
    /// The number, and its share of the group's sum: 8,638 (39 %).
    CountAndShare,
    /// The number as a share: 0.812 becomes 81 %.
    Percent,
}

/// One value for each name: the label counts of a split, say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BarGroup {
    /// The name in the legend, which stands there when there are several groups.
    pub name: String,
    /// One value for each name; `None`, or what is not finite, is shown as a dash.
    pub values: Vec<Option<f64>>,
}

impl BarGroup {
    /// A group of counts.
    pub fn counts(name: impl Into<String>, counts: impl IntoIterator<Item = u64>) -> BarGroup {
        let values = counts.into_iter().map(|count| Some(count as f64)).collect();
        BarGroup { name: name.into(), values }
    }
}

/// Horizontal bars of label counts or any other values with names, side by side for several groups.
///
/// Bars begin at zero, negative ones run to the left. Groups differ by colour and by pattern.
///
/// ```
/// use assort_plot::{BarGroup, BarValue, Bars};
///
/// let bars = Bars {
///     title: "Rows by label".into(),
///     names: vec!["fruit".into(), "vegetable".into()],
///     groups: vec![BarGroup::counts("training", [1404, 1396]), BarGroup::counts("test", [301, 299])],
///     value: BarValue::CountAndShare,
///     ..Bars::default()
/// };
/// assert!(bars.svg()?.contains("1,404 (50 %)"));
/// # Ok::<(), assort_plot::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bars {
    /// The title above the picture.
    pub title: String,
    /// What the values are, in a line above the bars; may be empty.
    pub value_name: String,
    /// The names, from top to bottom.
    pub names: Vec<String>,
    /// The groups, from top to bottom within a name.
    pub groups: Vec<BarGroup>,
    /// How values are written.
    pub value: BarValue,
}

impl Bars {
    fn check(&self) -> Result<()> {
        let expected = self.names.len();
        for group in &self.groups {
            if group.values.len() != expected {
                let what = format!("values of group {:?}", group.name);
                return Err(Error::Length { what, expected, found: group.values.len() });
            }
        }
        let bars = expected.saturating_mul(self.groups.len().max(1));
        if bars > MOST_NAMES {
            return Err(Error::TooManyNames { found: bars, limit: MOST_NAMES });
        }
        Ok(())
    }

    fn words(&self, number: Option<f64>, sum: f64) -> String {
        match (number, self.value) {
            (None, _) => "–".to_string(),
            (Some(number), BarValue::Percent) => format!("{} %", value((number * 1000.0).round() / 10.0)),
            (Some(number), BarValue::CountAndShare) if sum > 0.0 => {
                format!("{} ({})", value(number), percent(number / sum))
            }
            (Some(number), _) => value(number),
        }
    }

    pub(crate) fn picture(&self) -> Result<Picture> {
        self.check()?;
        let mut picture = Picture::new(WIDTH, &self.title);
        let legend: Vec<String> = match self.groups.len() {
            0 | 1 => Vec::new(),
            _ => self.groups.iter().map(|group| group.name.clone()).collect(),
        };
        let top = frame::header(&mut picture, &self.title, Key::Bar, &legend);
        let (_, top) = frame::vertical_name(&mut picture, &self.value_name, top);
        if self.names.is_empty() || self.groups.is_empty() {
            frame::nothing(&mut picture, top, "nothing to show", &[]);
            return Ok(picture);
        }
        let groups: Vec<Vec<(Option<f64>, String)>> =
            self.groups.iter().map(|group| self.bars(group)).collect();
        let names = fit_names(&self.names, 12.0, 230.0);
        let numbers = groups.iter().flatten().filter_map(|(number, _)| *number);
        let (low, high) = extent(numbers).unwrap_or((0.0, 0.0));
        let (low, high) = (low.min(0.0), high.max(0.0));
        let words: Vec<String> = groups.iter().flatten().map(|(_, words)| words.clone()).collect();
        let room = widest(&words, SMALL, Weight::Regular) + 8.0;
        let left = MARGIN + widest(&names, 12.0, Weight::Regular) + 10.0;
        let start = left + if low < 0.0 { room } else { 0.0 };
        let end = WIDTH - MARGIN - room;
        let span = if high > low { high - low } else { 1.0 };
        let place = |number: f64| start + (number - low) / span * (end - start);

        let (thick, gap) = if groups.len() == 1 { (16.0, 8.0) } else { (13.0, 12.0) };
        let block = thick * groups.len() as f64 + 1.0 * (groups.len() - 1) as f64;
        let top = top + 4.0;
        for (row, name) in names.iter().enumerate() {
            let y = top + row as f64 * (block + gap);
            picture.text(Text::ink(name.clone(), (left - 10.0, y + block / 2.0), 12.0, Anchor::End));
            for (index, bars) in groups.iter().enumerate() {
                let Some((number, words)) = bars.get(row) else { continue };
                let y = y + index as f64 * (thick + 1.0);
                let (zero, tip) = (place(0.0), place(number.unwrap_or(0.0)));
                // What is not zero is seen, be it ever so small.
                let length = if number.is_some_and(|number| number != 0.0) {
                    (tip - zero).abs().max(1.0)
                } else {
                    0.0
                };
                let is_left = tip < zero;
                let area =
                    Rect { x: if is_left { zero - length } else { zero }, y, width: length, height: thick };
                if length > 0.0 {
                    series::bar(&mut picture, index, area);
                }
                let (x, anchor) =
                    if is_left { (area.x - 6.0, Anchor::End) } else { (area.right() + 6.0, Anchor::Start) };
                picture.text(Text::ink(words.clone(), (x, y + thick / 2.0), SMALL, anchor));
            }
        }
        let bottom = top + names.len() as f64 * (block + gap) - gap;
        let zero = place(0.0);
        picture.line(vec![(zero, top - 4.0), (zero, bottom + 4.0)], Stroke::thin(RULE));
        frame::finish(&mut picture, bottom + 2.0, &[]);
        Ok(picture)
    }

    /// The group's values that can be drawn, with their words.
    fn bars(&self, group: &BarGroup) -> Vec<(Option<f64>, String)> {
        let drawn = |number: &Option<f64>| number.filter(|number| is_drawable(*number));
        let sum = group.values.iter().filter_map(drawn).sum();
        group.values.iter().map(|number| (drawn(number), self.words(drawn(number), sum))).collect()
    }
}
