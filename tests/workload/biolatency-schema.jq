# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What biolatency's man page says of its JSON (section JSON). Prints a line for each breach:
#	jq -r -f biolatency-schema.jq OUTPUT                    nothing: every object is as it says
#	jq -r --arg columns disk,op -f ... OUTPUT               of --slower -o disk,op
# To be used with a look at the number of objects: no output is no breach.

# --- what a value may be -------------------------------------------------------------------

def is_text: type == "string" and length > 0;
def is_number: type == "number" and . >= 0;
def is_whole: is_number and . == floor;
def is_time:
	type == "string" and test("^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}[.][0-9]{6}Z$");
def one_of($list): . as $value | any($list[]; . == $value);
def is_errno: . == null or (type == "string" and test("^E[A-Z0-9]+$"));

# Numbers are rounded to three decimals.
def near($other): . - $other | fabs < 0.0021;
def at_most($other): . <= $other + 0.0011;

def keys_check($needed; $allowed):
	(($needed - keys)[] | "key \(.) is missing"),
	((keys - $allowed)[] | "key \(.) is not in the man page");

def value_check($key; good):
	if has($key) and (.[$key] | good | not) then "\($key) is \(.[$key] | tojson)" else empty end;

# --- a histogram ---------------------------------------------------------------------------

def times: ["min", "max", "mean", "p50", "p90", "p99", "p99.9"];

def times_check:
	. as $all
	| if .count == 0 then times[] | select($all[.] != null) | "\(.) of no requests is not null"
	else
		(times[] | select($all[.] | is_number | not) | "\(.) is \($all[.] | tojson)"),
		([["min", "mean"], ["mean", "max"], ["min", "p50"], ["p50", "p90"], ["p90", "p99"],
		  ["p99", "p99.9"], ["p99.9", "max"]][]
		 | . as [$low, $high]
		 | select(all($low, $high; $all[.] | is_number))
		 | select($all[$low] | at_most($all[$high]) | not)
		 | "\($low) is more than \($high)")
	end;

def is_bucket:
	type == "object" and keys == ["count", "from", "to"] and all(.[]; is_whole) and .count > 0 and
	if .from == 0 then .to == 1
	else .from >= 2 and (.from | log2 | . == floor) and .to == 2 * .from - 1 end;

def buckets_check:
	if .buckets | type != "array" then "buckets is no array"
	elif .buckets | all(.[]; is_bucket) | not then
		.buckets[] | select(is_bucket | not) | "no bucket: \(tojson)"
	else
		(.buckets | select([.[].from] != ([.[].from] | unique)) | "buckets do not ascend"),
		(select((.buckets | map(.count) | add // 0) != .count)
		 | "buckets add up to \(.buckets | map(.count) | add // 0), count is \(.count)"),
		(select((.buckets | length) > 0 and (.min | is_number) and (.max | is_number))
		 | (select(.min + 0.0011 < .buckets[0].from or .min - 0.0011 >= .buckets[0].to + 1)
		    | "min is not in the first bucket"),
		   (select(.max + 0.0011 < .buckets[-1].from or .max - 0.0011 >= .buckets[-1].to + 1)
		    | "max is not in the last bucket"))
	end;

def histogram_needed: ["time", "interval", "span", "unit", "count", "errors", "buckets"] + times;

def histogram_check:
	keys_check(histogram_needed; histogram_needed + ["disk", "op", "flags"]),
	value_check("time"; is_time),
	value_check("interval"; is_number),
	value_check("disk"; is_text),
	value_check("op"; is_text),
	value_check("flags"; is_text),
	value_check("span"; one_of(["queue", "device", "total"])),
	value_check("unit"; one_of(["usecs", "msecs"])),
	value_check("count"; is_whole),
	value_check("errors"; is_whole),
	(select(has("op") != has("flags")) | "only one of op and flags is there"),
	(select(has("disk") or has("flags")) | select(.count == 0 and .errors == 0)
	 | "a disk or flags without requests"),
	times_check,
	buckets_check;

# --- a request of --slower -----------------------------------------------------------------

def columns: ["time", "disk", "op", "flags", "sector", "bytes", "queue_ms", "device_ms",
	"total_ms", "error", "comm", "pid", "tid"];

def request_check:
	keys_check($ARGS.named.columns // (columns | join(",")) | split(","); columns + ["comm_hex"]),
	value_check("time"; is_time),
	value_check("disk"; is_text),
	value_check("op"; is_text),
	value_check("flags"; is_text),
	value_check("sector"; . == null or is_whole),
	value_check("bytes"; is_whole),
	value_check("queue_ms"; is_number),
	value_check("device_ms"; is_number),
	value_check("total_ms"; is_number),
	value_check("error"; is_errno),
	value_check("comm"; type == "string"),
	value_check("comm_hex"; type == "string" and test("^([0-9a-f]{2})+$")),
	value_check("pid"; is_whole),
	value_check("tid"; is_whole),
	(select(all(.queue_ms, .device_ms, .total_ms; is_number))
	 | .total_ms as $total
	 | select(.queue_ms + .device_ms | near($total) | not)
	 | "total_ms is not queue_ms and device_ms");

if type != "object" then "no object: \(tojson)"
elif has("span") or has("buckets") then histogram_check
else request_check end
