// Reads one JSON list of texts from standard input; writes what twitter-text, X's own library, makes of each.
const found = require(process.argv[2] + "/node_modules/twitter-text");
const twitter = found.default || found;
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = texts.map((text) => {
  const { weightedLength, valid } = twitter.parseTweet(text);
  const tags = twitter.extractHashtags(text);
  return { weightedLength, valid, tags };
});
process.stdout.write(JSON.stringify(answers));
