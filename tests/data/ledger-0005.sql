-- A ledger of schema 0005, made of that of 0004: `sqlite3 x.db .dump`.
BEGIN TRANSACTION;
CREATE TABLE "acceptances" (
    key TEXT NOT NULL,
    campaign TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    late_at BIGINT NOT NULL,
    PRIMARY KEY (key)
);
INSERT INTO "acceptances" VALUES('migrants-day/2020/morning/news/en','migrants-day',1608271200000000,1608267606061448,1608278400000000);
INSERT INTO "acceptances" VALUES('migrants-day/2020/morning/news/fi','migrants-day',1608271200000000,1608267606061448,1608278400000000);
INSERT INTO "acceptances" VALUES('migrants-day/2020/refused/news/en','migrants-day',1608271800000000,1608267606061448,1608279000000000);
INSERT INTO "acceptances" VALUES('migrants-day/2020/refused/news/fi','migrants-day',1608271800000000,1608267606061448,1608279000000000);
INSERT INTO "acceptances" VALUES('migrants-day/2020/picture/news/en','migrants-day',1608273000000000,1608267606061448,1608280200000000);
INSERT INTO "acceptances" VALUES('migrants-day/2020/picture/news/fi','migrants-day',1608273000000000,1608267606061448,1608280200000000);
INSERT INTO "acceptances" VALUES('migrants-day/2020/short/news/en','migrants-day',1608273600000000,1608267606061448,1608280800000000);
INSERT INTO "acceptances" VALUES('migrants-day/2020/short/news/fi','migrants-day',1608273600000000,1608267606061448,1608280800000000);
INSERT INTO "acceptances" VALUES('migrants-day/2020/noon/news/en','migrants-day',1608285600000000,1608267606061448,1608292800000000);
INSERT INTO "acceptances" VALUES('migrants-day/2020/noon/news/fi','migrants-day',1608285600000000,1608267606061448,1608292800000000);
CREATE TABLE "accepted_files" (
    campaign TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    signature TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    PRIMARY KEY (campaign)
);
INSERT INTO "accepted_files" VALUES('migrants-day','/srv/campaigner/campaigns/migrants-day.yaml','cca79a6e93f2dbaf8e005f9e06e6b9a8d5e827930cb7d247eec582e3b52be5f0','620760d4fd0d15395405abee565875b30006b550e26ed6262c11c67b59bc4d2f',1608267606061448);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE alert_receipts (
	alert_id INTEGER NOT NULL, 
	recipient TEXT NOT NULL, 
	sent_at BIGINT NOT NULL, 
	PRIMARY KEY (alert_id, recipient), 
	FOREIGN KEY(alert_id) REFERENCES alerts (id)
);
INSERT INTO "alert_receipts" VALUES(4,'5f1c2a9d',1608271921000000);
INSERT INTO "alert_receipts" VALUES(7,'5f1c2a9d',1608278401000000);
CREATE TABLE alerts (
	id INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	"key" TEXT, 
	text TEXT NOT NULL, 
	command TEXT DEFAULT '' NOT NULL, 
	raised_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	withdrawn_at BIGINT, 
	PRIMARY KEY (id)
);
INSERT INTO "alerts" VALUES(1,'failed migrants-day/2020/refused/news/en','failed','migrants-day/2020/refused/news/en','migrants-day/2020/refused/news/en was refused: Validation failed: Text is not allowed here (HTTP 422)','campaigner retry migrants-day/2020/refused/news/en',1608271810190209,1608271810577700,1608271860000025);
INSERT INTO "alerts" VALUES(2,'failed migrants-day/2020/refused/news/fi','failed','migrants-day/2020/refused/news/fi','migrants-day/2020/refused/news/fi was refused: Validation failed: Text is not allowed here (HTTP 422)','campaigner retry migrants-day/2020/refused/news/fi',1608271810201583,1608271810588364,NULL);
INSERT INTO "alerts" VALUES(3,'failed migrants-day/2020/refused/news/en','failed','migrants-day/2020/refused/news/en','migrants-day/2020/refused/news/en was refused: Validation failed: Text is not allowed here (HTTP 422)','campaigner retry migrants-day/2020/refused/news/en',1608271860771613,NULL,1608271920000030);
INSERT INTO "alerts" VALUES(4,'failed migrants-day/2020/refused/news/en','failed','migrants-day/2020/refused/news/en','migrants-day/2020/refused/news/en was refused: Validation failed: Text is not allowed here (HTTP 422)','campaigner retry migrants-day/2020/refused/news/en',1608271920858204,NULL,NULL);
INSERT INTO "alerts" VALUES(5,'account news','account',NULL,'account news is refused by its platform: The access token is invalid (HTTP 401)','campaigner accounts check news',1608273010211520,NULL,1608273050078262);
INSERT INTO "alerts" VALUES(6,'file migrants-day','file',NULL,'campaign migrants-day can''t be used: campaigns/migrants-day.yaml:2:1: a list in [brackets] or {braces} is not closed, or lacks a comma; its last good version, if there is one, serves for 48 hours','campaigner check',1608273132064156,NULL,1608273190096091);
INSERT INTO "alerts" VALUES(7,'missed migrants-day/2020/short/news/en','missed','migrants-day/2020/short/news/en','migrants-day/2020/short/news/en was missed: it was not sent within 1 h of its time; nothing ran here since 2020-12-18 06:33 UTC','campaigner retry migrants-day/2020/short/news/en --yes',1608278400098147,NULL,NULL);
INSERT INTO "alerts" VALUES(8,'missed migrants-day/2020/short/news/fi','missed','migrants-day/2020/short/news/fi','migrants-day/2020/short/news/fi was missed: it was not sent within 1 h of its time; nothing ran here since 2020-12-18 06:33 UTC','campaigner retry migrants-day/2020/short/news/fi --yes',1608278400102959,NULL,NULL);
CREATE TABLE approvals (
	"key" TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	given_by TEXT NOT NULL, 
	given_at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE decisions (
	id INTEGER NOT NULL, 
	what TEXT NOT NULL, 
	"key" TEXT, 
	reason TEXT DEFAULT '' NOT NULL, 
	made_by TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "decisions" VALUES(1,'retry','migrants-day/2020/refused/news/en','','anna',1608271860000025);
INSERT INTO "decisions" VALUES(2,'retry','migrants-day/2020/refused/news/en','','anna',1608271920000030);
INSERT INTO "decisions" VALUES(3,'hold','account news','checking a fact','anna',1608278401000027);
CREATE TABLE "deliveries" (
    id INTEGER NOT NULL,
    key TEXT NOT NULL,
    campaign TEXT NOT NULL,
    edition TEXT NOT NULL,
    message TEXT NOT NULL,
    account TEXT NOT NULL,
    language TEXT NOT NULL,
    identity TEXT,
    state TEXT NOT NULL,
    generation INTEGER DEFAULT '0' NOT NULL,
    forced BOOLEAN DEFAULT 0 NOT NULL,
    due_at BIGINT NOT NULL,
    first_due_at BIGINT,
    content_created_at BIGINT,
    retry_at BIGINT,
    failures INTEGER DEFAULT '0' NOT NULL,
    digest TEXT,
    text_digest TEXT,
    content JSON,
    reason TEXT,
    url TEXT,
    published_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (key)
);
INSERT INTO "deliveries" VALUES(1,'migrants-day/2020/morning/news/en','migrants-day','2020','morning','news','en','social.example:100','published',0,0,1608271200000000,1608271200000000,1608271210445379,NULL,0,'b5b032a0b38d6cf030fd021a7ddeac789b6fd5f182108fe352f1bd963f736f4b','ff8cdb9cdb501673c673d5cf635507f5fcf801c8e40d7eb4087934c33f321ae9','{"languages": ["en"], "warning": null, "parts": [{"text": "Good morning \ud83c\udf0d", "card": null}]}','','https://social.example/@campaigner/112000000000000001',1608271210475000,1608271210475146);
INSERT INTO "deliveries" VALUES(2,'migrants-day/2020/morning/news/fi','migrants-day','2020','morning','news','fi','social.example:100','published',0,0,1608271200000000,1608271200000000,1608271210458713,NULL,0,'42b94fa574fa8478093defe2728798c3a01bb84da41c00c00737ccbba5bd3d43','173beba57954adef533e8b98d16fa158994e58ceef75452a7ccca7ccaefcfc57','{"languages": ["fi"], "warning": null, "parts": [{"text": "Hyv\u00e4\u00e4 huomenta", "card": null}]}','','https://social.example/@campaigner/112000000000000002',1608271210496000,1608271210496896);
INSERT INTO "deliveries" VALUES(3,'migrants-day/2020/refused/news/en','migrants-day','2020','refused','news','en','social.example:100','failed',0,1,1608271800000000,1608271800000000,1608271810176640,NULL,0,'db0454090ca2c317eeb774cf541010fe5217b93a17a66608655ece06fe025a76','b6a52a1dc34c913bcda4dc767111b944f7ecc43e07f039a224dadba58aecc0a7','{"languages": ["en"], "warning": null, "parts": [{"text": "A post that is refused", "card": null}]}','Validation failed: Text is not allowed here (HTTP 422)',NULL,NULL,1608271920858204);
INSERT INTO "deliveries" VALUES(4,'migrants-day/2020/refused/news/fi','migrants-day','2020','refused','news','fi','social.example:100','failed',0,0,1608271800000000,1608271800000000,1608271810181198,NULL,0,'b9fb25ee656bc780a2244541f11c3f0e35f6059947ed7350324bf7053a4b3ce6','4c883cdb2e8f6731efd0b7c33a115d57d3e762c92391cfa0f141df3cd2dcdaef','{"languages": ["fi"], "warning": null, "parts": [{"text": "Viesti, joka hyl\u00e4t\u00e4\u00e4n", "card": null}]}','Validation failed: Text is not allowed here (HTTP 422)',NULL,NULL,1608271810201583);
INSERT INTO "deliveries" VALUES(5,'migrants-day/2020/picture/news/en','migrants-day','2020','picture','news','en','social.example:100','published',0,0,1608273000000000,1608273000000000,1608273060156301,NULL,0,'ce176bbddb8155c305372847b72db2db88685d08a10ccf950ed7e5981532c455','30a868d617b9af2bd9a184f1055b2541f7708effda9642f33783ea61a072272f','{"languages": ["en"], "warning": null, "parts": [{"text": "With an image", "card": null}]}','','https://social.example/@campaigner/112000000000000004',1608273060175000,1608273060175963);
INSERT INTO "deliveries" VALUES(6,'migrants-day/2020/picture/news/fi','migrants-day','2020','picture','news','fi','social.example:100','published',0,0,1608273000000000,1608273000000000,1608273060179976,NULL,0,'ed82b26e42b9b7be1c85703de6368737f57b96fdbd9c7b945f09b582fcbfcb9f','7c19d0c04a31025e86e1aa8cc49cfc9ee3d704d52832f686a04745049d9989f1','{"languages": ["fi"], "warning": null, "parts": [{"text": "Kuvan kanssa", "card": null}]}','','https://social.example/@campaigner/112000000000000006',1608273060197000,1608273060197781);
INSERT INTO "deliveries" VALUES(7,'migrants-day/2020/short/news/en','migrants-day','2020','short','news','en',NULL,'missed',0,0,1608273600000000,NULL,NULL,NULL,0,NULL,NULL,NULL,'it was not sent within 1 h of its time; nothing ran here since 2020-12-18 06:33 UTC',NULL,NULL,1608278400098147);
INSERT INTO "deliveries" VALUES(8,'migrants-day/2020/short/news/fi','migrants-day','2020','short','news','fi',NULL,'missed',0,0,1608273600000000,NULL,NULL,NULL,0,NULL,NULL,NULL,'it was not sent within 1 h of its time; nothing ran here since 2020-12-18 06:33 UTC',NULL,NULL,1608278400102959);
CREATE TABLE "delivery_attempts" (
    id INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL,
    part INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    run_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT,
    reason TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
INSERT INTO "delivery_attempts" VALUES(1,1,0,0,'publish','9acb877d7a7f4cf88c61ff5e572492de',1608271210447120,1608271210475146,'published','https://social.example/@campaigner/112000000000000001');
INSERT INTO "delivery_attempts" VALUES(2,2,0,0,'publish','9acb877d7a7f4cf88c61ff5e572492de',1608271210458998,1608271210496896,'published','https://social.example/@campaigner/112000000000000002');
INSERT INTO "delivery_attempts" VALUES(3,3,0,0,'publish','3c57592747bd4766af1c6a2aa44572aa',1608271810177834,1608271810190209,'rejected','Validation failed: Text is not allowed here (HTTP 422)');
INSERT INTO "delivery_attempts" VALUES(4,4,0,0,'publish','3c57592747bd4766af1c6a2aa44572aa',1608271810181444,1608271810201583,'rejected','Validation failed: Text is not allowed here (HTTP 422)');
INSERT INTO "delivery_attempts" VALUES(5,3,0,0,'publish','3a3d5ba8f8644eeaa9b62d53751f0cca',1608271860767147,1608271860771613,'rejected','Validation failed: Text is not allowed here (HTTP 422)');
INSERT INTO "delivery_attempts" VALUES(6,3,0,0,'publish','7020a4947a624649988084bdc89330ac',1608271920845130,1608271920858204,'rejected','Validation failed: Text is not allowed here (HTTP 422)');
INSERT INTO "delivery_attempts" VALUES(7,5,0,0,'upload','e14f06d8b3a449bcb784dfc572f46dff',1608273060159683,1608273060165937,'uploaded','');
INSERT INTO "delivery_attempts" VALUES(8,5,0,0,'publish','e14f06d8b3a449bcb784dfc572f46dff',1608273060169623,1608273060175963,'published','https://social.example/@campaigner/112000000000000004');
INSERT INTO "delivery_attempts" VALUES(9,6,0,0,'upload','e14f06d8b3a449bcb784dfc572f46dff',1608273060184370,1608273060188142,'uploaded','');
INSERT INTO "delivery_attempts" VALUES(10,6,0,0,'publish','e14f06d8b3a449bcb784dfc572f46dff',1608273060190926,1608273060197781,'published','https://social.example/@campaigner/112000000000000006');
CREATE TABLE holds (
	id INTEGER NOT NULL, 
	campaign TEXT, 
	account TEXT, 
	until BIGINT, 
	reason TEXT NOT NULL, 
	given_by TEXT NOT NULL, 
	given_at BIGINT NOT NULL, 
	released_by TEXT, 
	released_at BIGINT, 
	PRIMARY KEY (id)
);
INSERT INTO "holds" VALUES(1,NULL,'news',1608282000000000,'checking a fact','anna',1608278401000027,NULL,NULL);
CREATE TABLE "lanes" (
    account TEXT NOT NULL,
    identity TEXT,
    identified_at BIGINT,
    access TEXT,
    looked_at BIGINT,
    last_sent_at BIGINT,
    failures INTEGER DEFAULT '0' NOT NULL,
    rested_until BIGINT,
    stopped_at BIGINT,
    stopped_reason TEXT,
    trouble TEXT,
    PRIMARY KEY (account)
);
INSERT INTO "lanes" VALUES('news','social.example:100',NULL,NULL,NULL,1608273060197781,0,NULL,NULL,NULL,NULL);
CREATE TABLE media (
	id INTEGER NOT NULL, 
	delivery_id INTEGER NOT NULL, 
	part INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	media_type TEXT NOT NULL, 
	alt TEXT NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	data BLOB, 
	upload JSON, 
	uploaded_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (delivery_id, part, position), 
	FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
INSERT INTO "media" VALUES(1,5,0,0,'image/png','A dot',1,1,NULL,'{"id": "1000003"}',1608273060165937);
INSERT INTO "media" VALUES(2,6,0,0,'image/png','Piste',1,1,NULL,'{"id": "1000005"}',1608273060188142);
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('run','{"place":"","pid":4711,"engine":"run --once","started_at":1608278400008436,"seen_at":1608278400107806,"ended_at":1608278400107806,"at_work_since":1608278400008436}');
CREATE TABLE parts (
	id INTEGER NOT NULL, 
	delivery_id INTEGER NOT NULL, 
	part INTEGER NOT NULL, 
	generation INTEGER NOT NULL, 
	identity TEXT NOT NULL, 
	remote_id TEXT NOT NULL, 
	url TEXT NOT NULL, 
	extra JSON NOT NULL, 
	published_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (identity, remote_id), 
	UNIQUE (delivery_id, generation, part), 
	FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
INSERT INTO "parts" VALUES(1,1,0,0,'social.example:100','112000000000000001','https://social.example/@campaigner/112000000000000001','{}',1608271210475000);
INSERT INTO "parts" VALUES(2,2,0,0,'social.example:100','112000000000000002','https://social.example/@campaigner/112000000000000002','{}',1608271210496000);
INSERT INTO "parts" VALUES(3,5,0,0,'social.example:100','112000000000000004','https://social.example/@campaigner/112000000000000004','{}',1608273060175000);
INSERT INTO "parts" VALUES(4,6,0,0,'social.example:100','112000000000000006','https://social.example/@campaigner/112000000000000006','{}',1608273060197000);
CREATE UNIQUE INDEX alerts_standing ON alerts (subject) WHERE withdrawn_at IS NULL;
CREATE INDEX deliveries_by_text ON deliveries (account, text_digest);
CREATE INDEX deliveries_by_state ON deliveries (state);
CREATE INDEX deliveries_by_update ON deliveries (updated_at);
CREATE INDEX ix_delivery_attempts_started_at ON delivery_attempts (started_at);
CREATE INDEX ix_delivery_attempts_delivery_id ON delivery_attempts (delivery_id);
COMMIT;
