//! Blocks as GitHub's Markdown.

use super::lines;
use crate::layout::Block;

pub(crate) fn markdown(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("# {}\n", escaped(text)),
        Block::Notice(text) => format!("> **{}**\n", escaped(text)),
        Block::Section(text) => format!("## {}\n", escaped(text)),
        Block::Part(text) => format!("### {}\n", escaped(text)),
        Block::Paragraph(text) => format!("{}\n", escaped(text)),
        Block::List(items) => lines(items.iter().map(|item| format!("- {}", escaped(item)))),
        Block::Table { head, rows } => {
            let rule = vec!["---".to_owned(); head.len()];
            let escaped = |cells: &Vec<String>| cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>();
            let all = [escaped(head), rule].into_iter().chain(rows.iter().map(escaped));
            lines(all.map(|cells| format!("| {} |", cells.join(" | "))))
        }
    }
}

/// A chain file, a broker's message or a topic may bring characters that Markdown or HTML reads.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // Only what can begin a tag or an entity, so that "< 1,000" can be read as it stands.
        let begins = chars.peek().is_some_and(|next| next.is_ascii_alphanumeric() || "/!?#".contains(*next));
        match c {
            '\n' | '\r' => out.push(' '),
            '<' if begins => out.push_str("&lt;"),
            '&' if begins => out.push_str("&amp;"),
            '|' | '*' | '`' | '[' | '\\' | '~' => out.extend(['\\', c]),
            // Within a word it is read as it stands; `__name__` is not.
            '_' if chars.peek() == Some(&'_') || out.ends_with('_') => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_cannot_break_the_page() {
        let evil = "a < b & c|d\n<script>&lt;*x*`y`[z](u)\\{__a_b=~c}";
        assert_eq!(
            markdown(&[Block::table(["h"], vec![[evil.to_owned()]])]),
            "| h |\n| --- |\n| a < b & c\\|d &lt;script>&amp;lt;\\*x\\*\\`y\\`\\[z](u)\\\\{\\_\\_a_b=\\~c} |\n"
        );
    }
}
