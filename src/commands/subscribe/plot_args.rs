//! The options of a chart: what it shows, and where.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::picture::{self, LARGEST, SMALLEST, Size};
use super::plot::{Picture, Plot};
use super::series::Quantity;
use crate::cli::arguments::FreeText;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::usage::Reason;
use crate::json_field::{Field, JsonFieldError};
use crate::name::Topic;
use crate::text::one_line;
use crate::text::similar::few;

/// What is drawn.
#[derive(Args)]
#[command(next_help_heading = "Output", group = ArgGroup::new("chart").args(["plot", "plot_png"]).multiple(true))]
pub struct PlotArgs {
    /// Draw the payloads, or this field of their JSON, as a live chart: .free, .lots[0].free; may be repeated
    ///
    /// Values that are far apart are drawn one above the other, each on its own scale. The chart follows the size of the
    /// terminal; in fewer than 20 columns or 7 rows only the values are shown. Where the locale's encoding is not UTF-8,
    /// it is drawn with ASCII.
    #[arg(long, value_name = "FIELD", num_args = 0..=1, default_missing_value = ".")]
    plot: Vec<String>,
    /// Draw the chart as a picture to FILE, again every few seconds; --plot names the field
    ///
    /// The old picture stays until the new one is complete. Characters that are not in ISO 8859-15 are drawn as question marks.
    #[arg(long, value_name = "FILE")]
    plot_png: Option<PathBuf>,
    /// Width and height of the picture in pixels, from 320x240 to 4096x4096 [default: 960x540]
    #[arg(long, value_name = "WIDTHxHEIGHT", requires = "plot_png", value_parser = parse_size)]
    plot_size: Option<Size>,
    /// Title of the picture, in place of the topics
    #[arg(long, value_name = "TEXT", requires = "plot_png")]
    title: Option<FreeText>,
    /// Unit of the values, such as °C; for several fields, once for each, in the same order
    #[arg(long, value_name = "TEXT", requires = "chart")]
    unit: Vec<FreeText>,
}

impl PlotArgs {
    /// Returns the requested chart.
    ///
    /// # Errors
    /// An invalid field, numbers of units and fields that differ, and as [`Plot::new`].
    pub fn plot(&self, topics: &[Topic]) -> anyhow::Result<Option<Plot>> {
        if self.plot.is_empty() && self.plot_png.is_none() {
            return Ok(None);
        }
        let picture = self.plot_png.as_ref().map(|path| Picture {
            path: path.clone(),
            title: self.title.as_ref().map_or_else(|| few(topics.iter(), ""), |title| one_line(&title.0).into_owned()),
            size: self.plot_size.unwrap_or(picture::USUAL),
        });
        Plot::new(topics, self.quantities()?, !self.plot.is_empty(), picture).map(Some)
    }

    fn quantities(&self) -> anyhow::Result<Vec<Quantity>> {
        let fields = self.plot.iter().map(|field| {
            field.parse().map_err(|e: JsonFieldError| {
                CliError::new(ExitKind::Usage, e.to_string())
                    .hint("write --plot .free, --plot .lots[0].free, or --plot alone")
            })
        });
        let mut fields = fields.collect::<Result<Vec<Field>, CliError>>()?;
        if fields.is_empty() {
            fields.push(Field::default());
        }
        let units: Vec<String> = self.unit.iter().map(|unit| one_line(&unit.0).into_owned()).collect();
        if units.len() > 1 && units.len() != fields.len() {
            let message = format!("{} units are given for {} fields", units.len(), fields.len());
            return Err(CliError::new(ExitKind::Usage, message)
                .hint("give --unit once for all fields, or once for each --plot FIELD in the same order")
                .into());
        }
        let unit_of = |n: usize| units.get(n).or(units.first()).cloned().unwrap_or_default();
        Ok(fields.into_iter().enumerate().map(|(n, field)| Quantity { field, unit: unit_of(n) }).collect())
    }
}

fn parse_size(text: &str) -> Result<Size, Reason> {
    let parts =
        text.split_once(['x', 'X', '×']).and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    let is_within =
        |size: &Size| (SMALLEST.0..=LARGEST.0).contains(&size.0) && (SMALLEST.1..=LARGEST.1).contains(&size.1);
    parts.filter(is_within).ok_or(Reason("write width and height in pixels, from 320x240 to 4096x4096"))
}
