//! Draws every screen in every state: `cargo run -p tacit-ui --example gallery -- DIR`.
//!
//! `--only PART[,PART]` names that hold one of the parts, `--size 390x844`, `--scheme dark`; `--window` draws in a real
//! window (with colour emoji and shadows; under Xvfb where there is no display) instead of the software renderer. States
//! that are reached by a touch are left out there: the test's clock cannot drive a real window.
#![allow(clippy::unwrap_used)]

#[path = "../poses/mod.rs"]
mod poses;

use std::{cell::RefCell, path::PathBuf, rc::Rc, time::Duration};

use i_slint_backend_testing::{TestingBackend, TestingBackendOptions, mock_elapsed_time};
use slint::{ComponentHandle, LogicalSize, Rgba8Pixel, SharedPixelBuffer};
use tacit_ui::{App, Scheme, Theme};

#[derive(Clone)]
struct Job {
    file: String,
    pose: usize,
    scheme: Scheme,
    size: (f32, f32),
    scale: f32,
    rtl: bool,
}

struct Options {
    folder: PathBuf,
    only: Vec<String>,
    sizes: Vec<(f32, f32)>,
    schemes: Vec<(Scheme, &'static str)>,
    window: bool,
}

fn options() -> Options {
    let mut options = Options {
        folder: PathBuf::from("target/gallery"),
        only: vec![],
        sizes: vec![(390., 844.), (320., 568.), (1280., 800.)],
        schemes: vec![(Scheme::Light, "light"), (Scheme::Dark, "dark")],
        window: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--window" => options.window = true,
            "--only" => options.only = arguments.next().unwrap_or_default().split(',').map(str::to_owned).collect(),
            "--size" => {
                let text = arguments.next().unwrap_or_default();
                let (width, height) = text.split_once('x').expect("a size is WIDTHxHEIGHT");
                options.sizes = vec![(width.parse().unwrap(), height.parse().unwrap())];
            }
            "--scheme" => {
                let name = arguments.next().unwrap_or_default();
                options.schemes.retain(|(_, n)| *n == name);
            }
            folder => options.folder = folder.into(),
        }
    }
    options
}

fn jobs(poses: &[poses::Pose], options: &Options) -> Vec<Job> {
    let mut jobs = vec![];
    for (index, pose) in poses.iter().enumerate().filter(|(_, pose)| !options.window || pose.after.is_none()) {
        let variants: &[(&str, f32, bool)] =
            if pose.main { &[("", 1., false), ("-large", 2., false), ("-rtl", 1., true)] } else { &[("", 1., false)] };
        for (suffix, scale, rtl) in variants {
            for size in &options.sizes {
                // Large text and mirroring are looked at on a phone, and once in two panes.
                if !suffix.is_empty() && size.0 < 380. {
                    continue;
                }
                for (scheme, scheme_name) in &options.schemes {
                    let file = format!("{}.{}{suffix}.{scheme_name}.{}x{}.png", pose.name, pose.state, size.0, size.1);
                    if options.only.is_empty() || options.only.iter().any(|part| file.contains(part.as_str())) {
                        jobs.push(Job { file, pose: index, scheme: *scheme, size: *size, scale: *scale, rtl: *rtl });
                    }
                }
            }
        }
    }
    jobs
}

fn dress(app: &App, job: &Job) {
    let theme = app.global::<Theme>();
    theme.set_scheme(job.scheme);
    theme.set_text_scale(job.scale);
    theme.set_rtl(job.rtl);
    app.window().set_size(LogicalSize::new(job.size.0, job.size.1));
}

fn save(buffer: &SharedPixelBuffer<Rgba8Pixel>, folder: &std::path::Path, file: &str) {
    let path = folder.join(file);
    image::save_buffer(&path, buffer.as_bytes(), buffer.width(), buffer.height(), image::ColorType::Rgba8)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn headless(poses: &[poses::Pose], jobs: &[Job], options: &Options) {
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    })))
    .unwrap();
    for job in jobs {
        let app = App::new().unwrap();
        app.show().unwrap();
        dress(&app, job);
        poses::apply(&app, &poses[job.pose]);
        for _ in 0..2 {
            mock_elapsed_time(Duration::from_millis(300));
        }
        poses::settle(&app, &poses[job.pose]);
        mock_elapsed_time(Duration::from_millis(300));
        save(&app.window().take_snapshot().unwrap(), &options.folder, &job.file);
        app.hide().unwrap();
    }
}

/// Colour emoji before the outline ones of the system's own fonts.
fn emoji_first() {
    use slint::fontique_011::{fontique, shared_collection};
    let mut fonts = shared_collection();
    let (inter, emoji) = (fonts.family_id("Inter"), fonts.family_id("Noto Color Emoji"));
    for family in [fontique::GenericFamily::SansSerif, fontique::GenericFamily::SystemUi] {
        let old: Vec<_> = fonts.generic_families(family).collect();
        fonts.set_generic_families(family, inter.into_iter().chain(emoji).chain(old));
    }
}

fn windowed(poses: Vec<poses::Pose>, jobs: Vec<Job>, options: Options) {
    let count = jobs.len();
    let current: Rc<RefCell<Option<App>>> = Rc::default();
    let first = App::new().unwrap();
    emoji_first();
    first.show().unwrap();
    *current.borrow_mut() = Some(first);
    let mut step = 0;
    let timer = slint::Timer::default();
    timer.start(slint::TimerMode::Repeated, Duration::from_millis(150), move || {
        let Some(job) = jobs.get(step / 3) else {
            slint::quit_event_loop().unwrap();
            return;
        };
        if step % 3 == 0 {
            let app = App::new().unwrap();
            app.show().unwrap();
            dress(&app, job);
            poses::apply(&app, &poses[job.pose]);
            if let Some(old) = current.borrow_mut().replace(app) {
                old.hide().unwrap();
            }
        } else if step % 3 == 1 {
            if let Some(app) = current.borrow().as_ref() {
                poses::settle(app, &poses[job.pose]);
            }
        } else if let Some(app) = current.borrow().as_ref() {
            match app.window().take_snapshot() {
                Ok(buffer) => save(&buffer, &options.folder, &job.file),
                // Not drawn yet: once more.
                Err(_) => return,
            }
        }
        step += 1;
    });
    slint::run_event_loop_until_quit().unwrap();
    println!("{count} pictures");
}

fn main() {
    let options = options();
    std::fs::create_dir_all(&options.folder).unwrap();
    let poses = poses::all();
    let jobs = jobs(&poses, &options);
    if options.window {
        windowed(poses, jobs, options);
    } else {
        headless(&poses, &jobs, &options);
        println!("{} pictures in {}", jobs.len(), options.folder.display());
    }
}
