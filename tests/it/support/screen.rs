//! What is on a terminal's screen after everything that a program has written there.

/// What empties a screen: the program takes it over, or erases it because its size is another now.
const EMPTIES: [&str; 2] = ["\u{1b}[?1049h", "\u{1b}[2J"];

/// Characters in rows and columns. A program that writes beyond the last column fails.
pub struct Screen {
    cells: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Screen {
    /// The screen of this size after `written`, since it was emptied: text, and the escape sequences that move the cursor. Of a
    /// sequence whose end has not come yet nothing is there.
    pub fn after(written: &str, columns: usize, rows: usize) -> Screen {
        let mut screen = Screen { cells: vec![vec![' '; columns]; rows], row: 0, column: 0 };
        let begin = EMPTIES.iter().filter_map(|by| Some(written.rfind(by)? + by.len())).max();
        let mut rest = &written[begin.unwrap_or_default()..];
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '\u{1b}' if rest.starts_with('[') => {
                    let Some(end) = rest[1..].find(|c: char| c.is_ascii_alphabetic()) else { break };
                    let end = end + 1;
                    screen.obey(&rest[1..end], rest.as_bytes()[end]);
                    rest = &rest[end + 1..];
                }
                // The same.
                '\u{1b}' => break,
                c => {
                    assert!(
                        screen.column < columns && screen.row < rows,
                        "'{c}' is beyond the edge:\n{}",
                        screen.text()
                    );
                    screen.cells[screen.row][screen.column] = c;
                    screen.column += 1;
                }
            }
        }
        screen
    }

    fn obey(&mut self, parameters: &str, command: u8) {
        match command {
            b'H' => {
                let mut numbers = parameters.split(';').map(|number| number.parse().unwrap_or(1));
                let mut next = || numbers.next().unwrap_or(1_usize).saturating_sub(1);
                (self.row, self.column) = (next(), next());
            }
            // Colours, and functions of the terminal: the cursor, the alternate screen.
            b'm' | b'h' | b'l' => {}
            other => panic!("ESC [ {parameters} {}", char::from(other)),
        }
    }

    /// The rows, without blanks at their ends.
    pub fn rows(&self) -> Vec<String> {
        self.cells.iter().map(|row| row.iter().collect::<String>().trim_end().to_owned()).collect()
    }

    /// The same as one text.
    pub fn text(&self) -> String {
        self.rows().join("\n")
    }
}
