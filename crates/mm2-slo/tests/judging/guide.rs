//! What the guide writes can be read.

use mm2_slo::Criteria;

const CHAPTERS: [(&str, &str); 3] = [
    ("criteria", include_str!("../../src/guide/criteria.md")),
    ("percentiles", include_str!("../../src/guide/percentiles.md")),
    ("trends", include_str!("../../src/guide/trends.md")),
];

#[test]
fn the_criteria_of_the_guide_are_criteria() {
    let mut read = 0;
    for (chapter, text) in CHAPTERS {
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            if block.contains("[[criterion]]") {
                Criteria::from_toml(block).unwrap_or_else(|error| panic!("{chapter}: {error}\n{block}"));
                read += 1;
            }
        }
    }
    assert_eq!(read, 3);
}
