use super::*;

fn id(number: u64) -> FileId {
    FileId::numeric(number, 0, 0)
}

fn open() -> (tempfile::TempDir, Index) {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("files.sqlite")).unwrap();
    (dir, index)
}

async fn put(index: &Index, number: u64, expiry_ms: u64) {
    assert_eq!(index.claim(id(number), expiry_ms).await.unwrap(), Claim::Ours);
    index.confirm(id(number), Row { size: 10, uploaded_ms: 1, expiry_ms }).await.unwrap();
}

#[tokio::test]
async fn bytes_that_come_or_go_belong_to_one_alone() {
    let (_dir, index) = open();
    assert_eq!(index.claim(id(1), 50).await.unwrap(), Claim::Ours);
    assert_eq!(index.claim(id(1), 50).await.unwrap(), Claim::Busy);
    index.confirm(id(1), Row { size: 10, uploaded_ms: 1, expiry_ms: 50 }).await.unwrap();
    // The same again only prolongs, and never shortens.
    let longer = Row { size: 10, uploaded_ms: 1, expiry_ms: 60 };
    assert_eq!(index.claim(id(1), 60).await.unwrap(), Claim::Exists(longer));
    assert_eq!(index.claim(id(1), 20).await.unwrap(), Claim::Exists(longer));

    assert_eq!(index.expire(60, 10).await.unwrap(), 1);
    assert_eq!(index.get(id(1), 0).await.unwrap(), None);
    assert_eq!(index.claim(id(1), 90).await.unwrap(), Claim::Busy, "a deletion is under way");
    index.gone(vec![id(1)]).await.unwrap();
    assert_eq!(index.claim(id(1), 90).await.unwrap(), Claim::Ours);
}

#[tokio::test]
async fn totals_follow_without_counting() {
    let (_dir, index) = open();
    put(&index, 1, 100).await;
    put(&index, 2, 50).await;
    let totals = index.totals().await.unwrap();
    assert_eq!((totals.files, totals.bytes, totals.oldest_expiry_ms, totals.claims), (2, 20, Some(50), 0));
    assert!(index.doom(id(2)).await.unwrap());
    assert!(!index.doom(id(2)).await.unwrap());
    let totals = index.totals().await.unwrap();
    assert_eq!((totals.files, totals.bytes, totals.oldest_expiry_ms, totals.claims), (1, 10, Some(100), 1));
}

#[tokio::test]
async fn what_has_expired_is_invisible_before_it_is_swept_and_cannot_be_extended() {
    let (_dir, index) = open();
    put(&index, 1, 100).await;
    assert!(index.get(id(1), 99).await.unwrap().is_some());
    assert!(index.get(id(1), 100).await.unwrap().is_none());
    assert!(index.extend(id(1), 500, 100).await.unwrap().is_none());
    assert_eq!(index.extend(id(1), 500, 99).await.unwrap().unwrap().expiry_ms, 500);
    assert_eq!(index.extend(id(1), 300, 99).await.unwrap().unwrap().expiry_ms, 500);
}

#[tokio::test]
async fn uploads_that_nobody_ended_are_swept_after_the_next_start() {
    let (dir, index) = open();
    assert_eq!(index.claim(id(1), 50).await.unwrap(), Claim::Ours);
    drop(index);
    let index = Index::open(&dir.path().join("files.sqlite")).unwrap();
    assert!(index.going(String::new(), 10).await.unwrap().is_empty());
    assert_eq!(index.abandon_uploads().await.unwrap(), 1);
    assert!(index.going(String::new(), 10).await.unwrap() == [id(1)]);
}

#[test]
fn hot_queries_are_index_searches() {
    let (_dir, index) = open();
    let c = index.reader.lock().unwrap();
    for query in [ROW, EXPIRED, GOING, OLDEST, PAGE] {
        let parameters = query.matches('?').count();
        let mut plan = c.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let empty = vec![0_i64; parameters];
        let values = tacit_sqlite::rusqlite::params_from_iter(empty);
        let lines: Vec<String> = plan.query_map(values, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let plan = lines.join("; ");
        assert!(plan.contains("SEARCH") && !plan.contains("TEMP B-TREE"), "{query}: {plan}");
    }
}

#[tokio::test]
async fn a_million_expired_files_go_in_short_batches() {
    const ROWS: u64 = 1_000_000;
    let (_dir, index) = open();
    index
        .write(|c| {
            c.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                 INSERT INTO file SELECT hex(randomblob(22)), 100, 1, i % 1000 FROM n",
                [int(ROWS)],
            )
        })
        .await
        .unwrap();
    // Enough batches to tell; the first reads cold pages.
    let mut times = Vec::new();
    for _ in 0..40 {
        let start = std::time::Instant::now();
        assert_eq!(index.expire(500, 512).await.unwrap(), 512_usize);
        let going = index.going(String::new(), 512).await.unwrap();
        index.gone(going).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = times[times.len() / 2];
    assert!(median < std::time::Duration::from_millis(100), "{median:?}");
    assert_eq!(index.totals().await.unwrap().files, ROWS - 40 * 512);
}
