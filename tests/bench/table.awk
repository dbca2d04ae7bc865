# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# table.awk - the tables of tests/bench/run, from lines "TOOL <tab> MEASURE <tab> UNIT
# <tab> SUBJECT <tab> VALUE" with as many values as there were rounds.
#
# Variables: subjects, their keys in order ("none": without a tool); markdown.

BEGIN {
	FS = "\t"
	subject_count = split(subjects, subject, " ")
	for (j = 1; j <= subject_count; j++)
		known[subject[j]] = 1
	label["none"] = "no tool"
}

!($4 in known) {
	print "bench: figures of " $4 ", which has no column, are not shown" >"/dev/stderr"
}

{
	row = $1 FS $2
	if (!(row in unit)) {
		unit[row] = $3
		rows[++row_count] = row
		if (!($1 in tool_seen))
			tools[++tool_count] = $1
		tool_seen[$1] = 1
	}
	value[row, $4, ++count[row, $4]] = $5
	seen[$4] = 1
}

function label_of(s) {
	return s in label ? label[s] : s
}

function sort_values(row, s,   n, i, j, v) {
	n = count[row, s]
	for (i = 2; i <= n; i++) {
		v = value[row, s, i] + 0
		for (j = i - 1; j > 0 && value[row, s, j] + 0 > v; j--)
			value[row, s, j + 1] = value[row, s, j]
		value[row, s, j + 1] = v
	}
}

function median(row, s,   n) {
	n = count[row, s]
	if (n % 2)
		return value[row, s, (n + 1) / 2] + 0
	return (value[row, s, n / 2] + value[row, s, n / 2 + 1]) / 2
}

# Counts whole, small things with two digits, larger ones with fewer.
function figure(v, row,   size) {
	size = v < 0 ? -v : v
	if (unit[row] == "" || unit[row] == "KiB")
		return sprintf("%.0f", v)
	return sprintf(size < 10 ? "%.2f" : size < 100 ? "%.1f" : "%.0f", v)
}

# A ratio with a number that is next to nothing, or below it, would say nothing.
function ratio(row, s,   mine, theirs) {
	if (s == "none" || s == "ours" || !count[row, "ours"])
		return ""
	mine = median(row, "ours")
	theirs = median(row, s)
	if (theirs <= 0 || mine < 0)
		return "-"
	return sprintf(mine / theirs < 0.1 ? "%.3f" : "%.2f", mine / theirs)
}

function range(row, s) {
	return figure(value[row, s, 1], row) ".." \
		figure(value[row, s, count[row, s]], row)
}

function title(row,   part) {
	split(row, part, FS)
	return part[2] (unit[row] == "" ? "" : ", " unit[row])
}

# awk pads by bytes, and µ has two.
function pad(text, width,   plain) {
	plain = text
	gsub(/µ/, "u", plain)
	while (length(plain) < width) {
		text = text " "
		plain = plain " "
	}
	return text
}

function print_text(tool,   i, j, row, s, head, line) {
	printf "\n%s %-15s %10s   %-22s %s\n", pad(tool, 36), "", "median",
		"least..greatest", "ours/theirs"
	for (i = 1; i <= row_count; i++) {
		row = rows[i]
		if (index(row, tool FS) != 1)
			continue
		head = title(row)
		for (j = 1; j <= subject_count; j++) {
			s = subject[j]
			if (!count[row, s])
				continue
			sub(/ +$/, "", head)
			line = sprintf("%s %-15s %10s   %-22s %s", pad(head, 36),
				label_of(s), figure(median(row, s), row), range(row, s),
				ratio(row, s))
			sub(/ +$/, "", line)
			print line
			head = ""
		}
	}
}

function print_markdown(tool,   i, j, row, s) {
	printf "\n| %s |", tool
	for (j = 1; j <= subject_count; j++)
		if (seen[subject[j]])
			printf " %s |", label_of(subject[j])
	printf "\n|---|"
	for (j = 1; j <= subject_count; j++)
		if (seen[subject[j]])
			printf "---:|"
	printf "\n"
	for (i = 1; i <= row_count; i++) {
		row = rows[i]
		if (index(row, tool FS) != 1)
			continue
		printf "| %s |", title(row)
		for (j = 1; j <= subject_count; j++) {
			s = subject[j]
			if (!seen[s])
				continue
			if (!count[row, s]) {
				printf " |"
				continue
			}
			printf " %s", figure(median(row, s), row)
			if (figure(value[row, s, 1], row) != \
			    figure(value[row, s, count[row, s]], row))
				printf " (%s)", range(row, s)
			if (ratio(row, s) ~ /[0-9]/)
				printf ", %s×", ratio(row, s)
			printf " |"
		}
		printf "\n"
	}
}

END {
	for (t = 1; t <= tool_count; t++) {
		for (i = 1; i <= row_count; i++)
			if (index(rows[i], tools[t] FS) == 1)
				for (j = 1; j <= subject_count; j++)
					sort_values(rows[i], subject[j])
		if (markdown)
			print_markdown(tools[t])
		else
			print_text(tools[t])
	}
}
