-- A ledger of the first release (schema 0001), as a morning of posting left it: `sqlite3 x.db .dump`.
BEGIN TRANSACTION;
CREATE TABLE acceptances (
	"key" TEXT NOT NULL, 
	campaign TEXT NOT NULL, 
	due_at BIGINT NOT NULL, 
	accepted_at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "acceptances" VALUES('migrants-day/2020/morning/news/en','migrants-day',1608271200000000,1608267602074762);
INSERT INTO "acceptances" VALUES('migrants-day/2020/morning/news/fi','migrants-day',1608271200000000,1608267602074762);
INSERT INTO "acceptances" VALUES('migrants-day/2020/refused/news/en','migrants-day',1608271800000000,1608267602074762);
INSERT INTO "acceptances" VALUES('migrants-day/2020/refused/news/fi','migrants-day',1608271800000000,1608267602074762);
INSERT INTO "acceptances" VALUES('migrants-day/2020/picture/news/en','migrants-day',1608273000000000,1608267602074762);
INSERT INTO "acceptances" VALUES('migrants-day/2020/picture/news/fi','migrants-day',1608273000000000,1608267602074762);
INSERT INTO "acceptances" VALUES('migrants-day/2020/short/news/en','migrants-day',1608273600000000,1608267602074762);
INSERT INTO "acceptances" VALUES('migrants-day/2020/short/news/fi','migrants-day',1608273600000000,1608267602074762);
INSERT INTO "acceptances" VALUES('migrants-day/2020/noon/news/en','migrants-day',1608285600000000,1608267602074762);
INSERT INTO "acceptances" VALUES('migrants-day/2020/noon/news/fi','migrants-day',1608285600000000,1608267602074762);
CREATE TABLE accepted_files (
	campaign TEXT NOT NULL, 
	path TEXT NOT NULL, 
	content BLOB NOT NULL, 
	sha256 TEXT NOT NULL, 
	signature TEXT NOT NULL, 
	accepted_at BIGINT NOT NULL, 
	unusable_since BIGINT, 
	unusable_reason TEXT, 
	PRIMARY KEY (campaign)
);
INSERT INTO "accepted_files" VALUES('migrants-day','/srv/campaigner/campaigns/migrants-day.yaml',X'7B0A202263616D706169676E223A2022496E7465726E6174696F6E616C204D696772616E747320446179222C0A20226F6273657276616E6365223A2022696E7465726E6174696F6E616C2D6D696772616E74732D646179222C0A202265646974696F6E73223A205B0A2020323032300A205D2C0A20226C616E677561676573223A205B0A202022656E222C0A2020226669220A205D2C0A20226163636F756E7473223A2022616C6C222C0A20226C617465223A20223168222C0A20226D65737361676573223A207B0A2020226D6F726E696E67223A207B0A202020226174223A202230383A3030222C0A2020202274657874223A207B0A2020202022656E223A2022476F6F64206D6F726E696E6720F09F8C8D222C0A20202020226669223A2022487976C3A4C3A42068756F6D656E7461220A2020207D0A20207D2C0A20202272656675736564223A207B0A202020226174223A202230383A3130222C0A2020202274657874223A207B0A2020202022656E223A20224120706F737420746861742069732072656675736564222C0A20202020226669223A20225669657374692C206A6F6B612068796CC3A474C3A4C3A46E220A2020207D0A20207D2C0A20202270696374757265223A207B0A202020226174223A202230383A3330222C0A2020202274657874223A207B0A2020202022656E223A20225769746820616E20696D616765222C0A20202020226669223A20224B7576616E206B616E737361220A2020207D2C0A20202022696D61676573223A205B0A202020207B0A20202020202266696C65223A2022646F742E706E67222C0A202020202022616C74223A207B0A20202020202022656E223A20224120646F74222C0A202020202020226669223A20225069737465220A20202020207D0A202020207D0A2020205D0A20207D2C0A20202273686F7274223A207B0A202020226174223A202230383A3430222C0A2020202274657874223A207B0A2020202022656E223A202255736566756C20666F7220616E20686F7572222C0A20202020226669223A202254756E6E696E20616A616E220A2020207D0A20207D2C0A2020226E6F6F6E223A207B0A202020226174223A202231323A3030222C0A2020202274657874223A207B0A2020202022656E223A2022476F6F6420646179222C0A20202020226669223A202250C3A46976C3A4C3A4220A2020207D0A20207D0A207D0A7D','cca79a6e93f2dbaf8e005f9e06e6b9a8d5e827930cb7d247eec582e3b52be5f0','620760d4fd0d15395405abee565875b30006b550e26ed6262c11c67b59bc4d2f',1608267602074762,NULL,NULL);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE alerts (
	id INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	"key" TEXT, 
	text TEXT NOT NULL, 
	command TEXT DEFAULT '' NOT NULL, 
	raised_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (subject)
);
INSERT INTO "alerts" VALUES(1,'failed migrants-day/2020/refused/news/en 1 1','failed','migrants-day/2020/refused/news/en','migrants-day/2020/refused/news/en was refused: Validation failed: Text is not allowed here (HTTP 422)','campaigner retry migrants-day/2020/refused/news/en',1608271810185149,NULL);
INSERT INTO "alerts" VALUES(2,'failed migrants-day/2020/refused/news/fi','failed','migrants-day/2020/refused/news/fi','migrants-day/2020/refused/news/fi was refused: Validation failed: Text is not allowed here (HTTP 422)','campaigner retry migrants-day/2020/refused/news/fi',1608271810192841,NULL);
INSERT INTO "alerts" VALUES(3,'failed migrants-day/2020/refused/news/en 3','failed','migrants-day/2020/refused/news/en','migrants-day/2020/refused/news/en was refused: Validation failed: Text is not allowed here (HTTP 422)','campaigner retry migrants-day/2020/refused/news/en',1608271860222329,NULL);
INSERT INTO "alerts" VALUES(4,'failed migrants-day/2020/refused/news/en','failed','migrants-day/2020/refused/news/en','migrants-day/2020/refused/news/en was refused: Validation failed: Text is not allowed here (HTTP 422)','campaigner retry migrants-day/2020/refused/news/en',1608271920175620,NULL);
INSERT INTO "alerts" VALUES(5,'account news 5','account',NULL,'account news is refused by its platform: The access token is invalid (HTTP 401)','campaigner accounts check news',1608273010156052,NULL);
INSERT INTO "alerts" VALUES(6,'file migrants-day 6','file',NULL,'campaign migrants-day can''t be used: campaigns/migrants-day.yaml:2:1: a list in [brackets] or {braces} is not closed, or lacks a comma; its last good version, if there is one, serves for 48 hours','campaigner check',1608273132056321,NULL);
INSERT INTO "alerts" VALUES(7,'missed migrants-day/2020/short/news/en','missed','migrants-day/2020/short/news/en','migrants-day/2020/short/news/en was missed: it was not sent within 1 h of its time','campaigner retry migrants-day/2020/short/news/en --yes',1608278400147581,NULL);
INSERT INTO "alerts" VALUES(8,'missed migrants-day/2020/short/news/fi','missed','migrants-day/2020/short/news/fi','migrants-day/2020/short/news/fi was missed: it was not sent within 1 h of its time','campaigner retry migrants-day/2020/short/news/fi --yes',1608278400152243,NULL);
CREATE TABLE approvals (
	"key" TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	given_by TEXT NOT NULL, 
	given_at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE attempts (
	id INTEGER NOT NULL, 
	delivery_id INTEGER NOT NULL, 
	part INTEGER NOT NULL, 
	generation INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	owner_id TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	outcome TEXT, 
	reason TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
INSERT INTO "attempts" VALUES(1,1,0,0,'publish','300de9d70ddd40fb92b3b11f8f12a3d6',1608271210167698,1608271210189559,'published','https://social.example/@campaigner/112000000000000001');
INSERT INTO "attempts" VALUES(2,2,0,0,'publish','300de9d70ddd40fb92b3b11f8f12a3d6',1608271210194650,1608271210202214,'published','https://social.example/@campaigner/112000000000000002');
INSERT INTO "attempts" VALUES(3,3,0,0,'publish','66cd8df7e9c44b4bbf4ee57b96bf2923',1608271810180961,1608271810185149,'rejected','Validation failed: Text is not allowed here (HTTP 422)');
INSERT INTO "attempts" VALUES(4,4,0,0,'publish','66cd8df7e9c44b4bbf4ee57b96bf2923',1608271810189783,1608271810192841,'rejected','Validation failed: Text is not allowed here (HTTP 422)');
INSERT INTO "attempts" VALUES(5,3,0,0,'publish','6594f5383b7b4bbe94f6d0a7034eb348',1608271860216946,1608271860222329,'rejected','Validation failed: Text is not allowed here (HTTP 422)');
INSERT INTO "attempts" VALUES(6,3,0,0,'publish','8045724068fd42b784dd9f80bc71883b',1608271920171154,1608271920175620,'rejected','Validation failed: Text is not allowed here (HTTP 422)');
INSERT INTO "attempts" VALUES(7,5,0,0,'upload','3f1f6f7c81c34f079d265378e732a335',1608273060219665,1608273060224238,'uploaded','');
INSERT INTO "attempts" VALUES(8,5,0,0,'publish','3f1f6f7c81c34f079d265378e732a335',1608273060231765,1608273060239062,'published','https://social.example/@campaigner/112000000000000004');
INSERT INTO "attempts" VALUES(9,6,0,0,'upload','3f1f6f7c81c34f079d265378e732a335',1608273060249886,1608273060254846,'uploaded','');
INSERT INTO "attempts" VALUES(10,6,0,0,'publish','3f1f6f7c81c34f079d265378e732a335',1608273060260053,1608273060265954,'published','https://social.example/@campaigner/112000000000000006');
CREATE TABLE decisions (
	id INTEGER NOT NULL, 
	what TEXT NOT NULL, 
	"key" TEXT, 
	reason TEXT DEFAULT '' NOT NULL, 
	made_by TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "decisions" VALUES(1,'retry','migrants-day/2020/refused/news/en','','anna',1608271860000028);
INSERT INTO "decisions" VALUES(2,'retry','migrants-day/2020/refused/news/en','','anna',1608271920000039);
INSERT INTO "decisions" VALUES(3,'hold','account news','checking a fact','anna',1608278400871373);
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
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
	owner_id TEXT, 
	reason TEXT, 
	url TEXT, 
	published_at BIGINT, 
	updated_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);
INSERT INTO "deliveries" VALUES(1,'migrants-day/2020/morning/news/en','migrants-day','2020','morning','news','en','social.example:100','published',0,0,1608271200000000,1608271200000000,1608271210166081,NULL,0,'b5b032a0b38d6cf030fd021a7ddeac789b6fd5f182108fe352f1bd963f736f4b','ff8cdb9cdb501673c673d5cf635507f5fcf801c8e40d7eb4087934c33f321ae9','{"languages": ["en"], "warning": null, "parts": [{"text": "Good morning \ud83c\udf0d", "card": null}]}',NULL,'','https://social.example/@campaigner/112000000000000001',1608271210095000,1608271210189559);
INSERT INTO "deliveries" VALUES(2,'migrants-day/2020/morning/news/fi','migrants-day','2020','morning','news','fi','social.example:100','published',0,0,1608271200000000,1608271200000000,1608271210194192,NULL,0,'42b94fa574fa8478093defe2728798c3a01bb84da41c00c00737ccbba5bd3d43','173beba57954adef533e8b98d16fa158994e58ceef75452a7ccca7ccaefcfc57','{"languages": ["fi"], "warning": null, "parts": [{"text": "Hyv\u00e4\u00e4 huomenta", "card": null}]}',NULL,'','https://social.example/@campaigner/112000000000000002',1608271210109000,1608271210202214);
INSERT INTO "deliveries" VALUES(3,'migrants-day/2020/refused/news/en','migrants-day','2020','refused','news','en','social.example:100','failed',0,1,1608271800000000,1608271800000000,1608271810179295,NULL,0,'db0454090ca2c317eeb774cf541010fe5217b93a17a66608655ece06fe025a76','b6a52a1dc34c913bcda4dc767111b944f7ecc43e07f039a224dadba58aecc0a7','{"languages": ["en"], "warning": null, "parts": [{"text": "A post that is refused", "card": null}]}',NULL,'Validation failed: Text is not allowed here (HTTP 422)',NULL,NULL,1608271920175620);
INSERT INTO "deliveries" VALUES(4,'migrants-day/2020/refused/news/fi','migrants-day','2020','refused','news','fi','social.example:100','failed',0,0,1608271800000000,1608271800000000,1608271810189326,NULL,0,'b9fb25ee656bc780a2244541f11c3f0e35f6059947ed7350324bf7053a4b3ce6','4c883cdb2e8f6731efd0b7c33a115d57d3e762c92391cfa0f141df3cd2dcdaef','{"languages": ["fi"], "warning": null, "parts": [{"text": "Viesti, joka hyl\u00e4t\u00e4\u00e4n", "card": null}]}',NULL,'Validation failed: Text is not allowed here (HTTP 422)',NULL,NULL,1608271810192841);
INSERT INTO "deliveries" VALUES(5,'migrants-day/2020/picture/news/en','migrants-day','2020','picture','news','en','social.example:100','published',0,0,1608273000000000,1608273000000000,1608273060213140,NULL,0,'ce176bbddb8155c305372847b72db2db88685d08a10ccf950ed7e5981532c455','30a868d617b9af2bd9a184f1055b2541f7708effda9642f33783ea61a072272f','{"languages": ["en"], "warning": null, "parts": [{"text": "With an image", "card": null}]}',NULL,'','https://social.example/@campaigner/112000000000000004',1608271210627000,1608273060239062);
INSERT INTO "deliveries" VALUES(6,'migrants-day/2020/picture/news/fi','migrants-day','2020','picture','news','fi','social.example:100','published',0,0,1608273000000000,1608273000000000,1608273060247214,NULL,0,'ed82b26e42b9b7be1c85703de6368737f57b96fdbd9c7b945f09b582fcbfcb9f','7c19d0c04a31025e86e1aa8cc49cfc9ee3d704d52832f686a04745049d9989f1','{"languages": ["fi"], "warning": null, "parts": [{"text": "Kuvan kanssa", "card": null}]}',NULL,'','https://social.example/@campaigner/112000000000000006',1608271210654000,1608273060265954);
INSERT INTO "deliveries" VALUES(7,'migrants-day/2020/short/news/en','migrants-day','2020','short','news','en',NULL,'missed',0,0,1608273600000000,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'it was not sent within 1 h of its time',NULL,NULL,1608278400147581);
INSERT INTO "deliveries" VALUES(8,'migrants-day/2020/short/news/fi','migrants-day','2020','short','news','fi',NULL,'missed',0,0,1608273600000000,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'it was not sent within 1 h of its time',NULL,NULL,1608278400152243);
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
INSERT INTO "holds" VALUES(1,NULL,'news',1608282000000000,'checking a fact','anna',1608278400871373,NULL,NULL);
CREATE TABLE lanes (
	account TEXT NOT NULL, 
	owner_id TEXT, 
	identity TEXT, 
	last_sent_at BIGINT, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	rested_until BIGINT, 
	stopped_at BIGINT, 
	stopped_reason TEXT, 
	PRIMARY KEY (account)
);
INSERT INTO "lanes" VALUES('news',NULL,'social.example:100',1608273060265954,0,NULL,NULL,NULL);
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
INSERT INTO "media" VALUES(1,5,0,0,'image/png','A dot',1,1,NULL,'{"id": "1000003"}',1608273060224238);
INSERT INTO "media" VALUES(2,6,0,0,'image/png','Piste',1,1,NULL,'{"id": "1000005"}',1608273060254846);
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE owners (
	id TEXT NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	engine TEXT NOT NULL, 
	lock_path TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	seen_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	PRIMARY KEY (id)
);
INSERT INTO "owners" VALUES('8a859abfe54a45c381c9a4c49f08f604','desk',4711,'run --once','/srv/campaigner/state/owners/8a859abfe54a45c381c9a4c49f08f604.lock',1608267600021490,1608267602132486,1608267602132486);
INSERT INTO "owners" VALUES('300de9d70ddd40fb92b3b11f8f12a3d6','desk',4711,'run --once','/srv/campaigner/state/owners/300de9d70ddd40fb92b3b11f8f12a3d6.lock',1608271210009971,1608271210206810,1608271210206810);
INSERT INTO "owners" VALUES('66cd8df7e9c44b4bbf4ee57b96bf2923','desk',4711,'run --once','/srv/campaigner/state/owners/66cd8df7e9c44b4bbf4ee57b96bf2923.lock',1608271810010844,1608271810197302,1608271810197302);
INSERT INTO "owners" VALUES('6594f5383b7b4bbe94f6d0a7034eb348','desk',4711,'run --once','/srv/campaigner/state/owners/6594f5383b7b4bbe94f6d0a7034eb348.lock',1608271860016502,1608271860229992,1608271860229992);
INSERT INTO "owners" VALUES('8045724068fd42b784dd9f80bc71883b','desk',4711,'run --once','/srv/campaigner/state/owners/8045724068fd42b784dd9f80bc71883b.lock',1608271920010485,1608271920182463,1608271920182463);
INSERT INTO "owners" VALUES('8954b72a4a7940aa9a8e6eea3655a877','desk',4711,'run --once','/srv/campaigner/state/owners/8954b72a4a7940aa9a8e6eea3655a877.lock',1608273010010411,1608273010162262,1608273010162262);
INSERT INTO "owners" VALUES('3f1f6f7c81c34f079d265378e732a335','desk',4711,'run --once','/srv/campaigner/state/owners/3f1f6f7c81c34f079d265378e732a335.lock',1608273060012611,1608273060272230,1608273060272230);
INSERT INTO "owners" VALUES('61c21dcc8c404f8dbcc0635272a835a8','desk',4711,'run --once','/srv/campaigner/state/owners/61c21dcc8c404f8dbcc0635272a835a8.lock',1608273130010644,1608273132105482,1608273132105482);
INSERT INTO "owners" VALUES('10c42a8f891545b8966bb6eb801c6d44','desk',4711,'run --once','/srv/campaigner/state/owners/10c42a8f891545b8966bb6eb801c6d44.lock',1608273190014281,1608273190144513,1608273190144513);
INSERT INTO "owners" VALUES('fe64704fd8c644548fb4dc38c7d50ae4','desk',4711,'run --once','/srv/campaigner/state/owners/fe64704fd8c644548fb4dc38c7d50ae4.lock',1608278400014443,1608278400156307,1608278400156307);
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
INSERT INTO "parts" VALUES(1,1,0,0,'social.example:100','112000000000000001','https://social.example/@campaigner/112000000000000001','{}',1608271210095000);
INSERT INTO "parts" VALUES(2,2,0,0,'social.example:100','112000000000000002','https://social.example/@campaigner/112000000000000002','{}',1608271210109000);
INSERT INTO "parts" VALUES(3,5,0,0,'social.example:100','112000000000000004','https://social.example/@campaigner/112000000000000004','{}',1608271210627000);
INSERT INTO "parts" VALUES(4,6,0,0,'social.example:100','112000000000000006','https://social.example/@campaigner/112000000000000006','{}',1608271210654000);
CREATE INDEX deliveries_by_update ON deliveries (updated_at);
CREATE INDEX deliveries_by_state ON deliveries (state, owner_id);
CREATE INDEX deliveries_by_text ON deliveries (account, text_digest);
CREATE INDEX ix_attempts_started_at ON attempts (started_at);
CREATE INDEX ix_attempts_delivery_id ON attempts (delivery_id);
COMMIT;
