//! Rows of a list for people: columns with headings.

use unicode_width::UnicodeWidthStr;

use crate::text::wrap::wrapped;

/// Blanks between two columns.
const GAP: usize = 2;
/// The last column is wrapped where it, and each of its words, has this many columns of the terminal; otherwise it is on lines of its
/// own, which begin with this many blanks.
const NARROWEST: usize = 20;
const INDENT: usize = 4;

/// Returns the rows, whose cells are separated by tabs, under their headings. Numbers are right-aligned. The last column is
/// wrapped to the terminal, which has `width` columns.
pub fn aligned(headings: &[&str], rows: &[String], width: usize) -> String {
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.split('\t').collect()).collect();
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column).copied());
    let is_number = |cell: &str| cell.parse::<f64>().is_ok();
    // A column that is empty everywhere is left out.
    let shown: Vec<usize> = (0..headings.len()).filter(|at| *at == 0 || cells(*at).any(|c| !c.is_empty())).collect();
    let widths: Vec<usize> = shown
        .iter()
        .map(|at| cells(*at).map(|cell| cell.width()).chain([headings[*at].width()]).max().unwrap_or_default())
        .collect();
    let is_right: Vec<bool> = shown.iter().map(|at| cells(*at).all(is_number)).collect();
    let before: usize = widths[..widths.len() - 1].iter().map(|width| width + GAP).sum();
    let words = cells(shown[shown.len() - 1]).flat_map(|cell| cell.split(' '));
    let longest = words.map(UnicodeWidthStr::width).max().unwrap_or_default();
    let is_folded = shown.len() > 1 && before + longest.max(NARROWEST) > width;
    let line = |row: &[&str]| {
        let cell = |at: usize| row.get(at).copied().unwrap_or_default();
        let padded = |(n, at): (usize, &usize)| {
            let padding = " ".repeat(widths[n].saturating_sub(cell(*at).width()));
            if is_right[n] { format!("{padding}{}", cell(*at)) } else { format!("{}{padding}", cell(*at)) }
        };
        let joined = |count: usize| {
            let cells: Vec<String> = shown[..count].iter().enumerate().map(padded).collect();
            cells.join(&" ".repeat(GAP)).trim_end().to_owned()
        };
        let last = cell(shown[shown.len() - 1]);
        match shown.len() {
            1 => joined(1) + "\n",
            all if !is_folded => wrapped(&joined(all), width, before) + "\n",
            all if last.is_empty() => joined(all - 1) + "\n",
            all => format!("{}\n{}\n", joined(all - 1), wrapped(&format!("{:INDENT$}{last}", ""), width, INDENT)),
        }
    };
    std::iter::once(line(headings)).chain(rows.iter().map(|row| line(row))).collect()
}

#[cfg(test)]
mod tests {
    use super::aligned;

    #[test]
    fn columns_stand_below_their_headings_and_numbers_at_the_right() {
        let rows = ["alice/parking/free\t1.50\tof the deck".into(), "größe\t12.00\t".into()];
        let expected = "TOPIC               PRICE  DESCRIPTION\n\
                        alice/parking/free   1.50  of the deck\n\
                        größe               12.00\n";
        assert_eq!(aligned(&["TOPIC", "PRICE", "DESCRIPTION"], &rows, 80), expected);
    }

    #[test]
    fn the_last_column_is_wrapped_or_below_the_others_and_an_empty_one_left_out() {
        let rows = ["7\t\tone two three four five six".into()];
        assert_eq!(aligned(&["ID", "BUYER", "TEXT"], &rows, 24), "ID  TEXT\n 7  one two three four\n    five six\n");
        let folded = "ID\n    TEXT\n 7\n    one two three\n    four five six\n";
        assert_eq!(aligned(&["ID", "BUYER", "TEXT"], &rows, 20), folded);
    }
}
