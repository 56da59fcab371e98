//! Writes labels and slips into a folder, as files and as pictures, to be looked at; and says how
//! long they took.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "it is looked at by a person, who sees where it stopped"
)]

use labels::{Label, Slip};
use std::fs;
use std::path::Path;
use std::time::Instant;

#[path = "../tests/paper/given.rs"]
#[allow(dead_code, reason = "the tests ask for more than is written here")]
mod given;

use given::{gift, label, long_label, slip, small_label};
use scanner::{Picture, zpl::print};

fn save(folder: &Path, name: &str, pdf: &[u8], zpl: &[u8]) {
    let write = |ending: &str, bytes: &[u8]| {
        let path = folder.join(format!("{name}{ending}"));
        fs::write(&path, bytes).unwrap();
    };
    write(".pdf", pdf);
    write(".zpl", zpl);
    for (i, page) in Picture::of_pdf(pdf, 1.0).iter().enumerate() {
        write(&format!("-{i}.png"), &page.png());
        println!("{name}-{i}: {:?} {:?}", page.bar_code(), page.qr_code());
    }
    for (i, sheet) in print(std::str::from_utf8(zpl).unwrap()).iter().enumerate() {
        write(&format!("-{i}-printer.png"), &sheet.picture.png());
    }
    println!("{name}: {} bytes of PDF, {} of ZPL", pdf.len(), zpl.len());
}

fn main() {
    let folder = std::env::args().nth(1).expect("the folder to write to");
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).unwrap();
    for (name, label) in [("full", label()), ("small", small_label()), ("long", long_label())] {
        let (pdf, zpl) = (labels::pdf(&label).unwrap(), labels::zpl(&label).unwrap());
        println!("{name}: {:?}", pdf.losses);
        save(folder, name, &pdf.bytes, &zpl.bytes);
    }
    let many = Slip { lines: vec![slip().lines; 12].concat(), gift: Some(gift()), ..slip() };
    let present = Slip { gift: Some(gift()), ..slip() };
    for (name, slip) in [("slip", slip()), ("gift", present), ("many", many)] {
        let (pdf, zpl) = (labels::slip_pdf(&slip).unwrap(), labels::slip_zpl(&slip).unwrap());
        save(folder, name, &pdf.bytes, &zpl.bytes);
    }
    let hundred: Vec<Label> = vec![label(); 100];
    let timed = |what: &str, work: &dyn Fn() -> usize| {
        let began = Instant::now();
        let bytes = work();
        println!("{what}: {bytes} bytes in {:?}", began.elapsed());
    };
    let sum = |bytes: Vec<u8>| bytes.len();
    timed("100 PDFs", &|| hundred.iter().map(|l| sum(labels::pdf(l).unwrap().bytes)).sum());
    timed("100 labels in one PDF", &|| sum(labels::pdf_of(&hundred).unwrap().bytes));
    timed("100 labels of ZPL", &|| sum(labels::zpl_of(&hundred).unwrap().bytes));
}
