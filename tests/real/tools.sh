# Tools on files: coreutils, findutils, grep, sed, awk, archivers, compressors.

real_true()
{
    rr -- true
}

real_false()
{
    rr -- false
}

real_not_found()
{
    rr --filter 's/^.*: //' -- env nonexistent-program-name
}

real_ls_recursive()
{
    rr -- ls -lR /usr/include
}

real_cat_pipes()
{
    rr --out-pipe --pipe 'seq 1 20000000 | head -c 100000000' -- cat
}

real_find()
{
    rr --setup '"$MKTREE" t 800' -- find t -name '*7*' -size -2 -newermt 2001-01-01 -printf '%p %s %y\n'
}

real_grep()
{
    rr --setup '"$MKTREE" t 800' -- grep -rnE 'needle [0-9]*77' t
}

real_sort()
{
    rr --timeout 120 --setup 'seq 1 1000000 | rev >in' -- sort --parallel=1 in
}

# Sort with temporary files, and with threads where it can have them.
real_sort_small_memory()
{
    rr --timeout 120 --setup 'seq 1 300000 | rev >in' -- sort -S 2M -T . -n -r -o out in
}

real_awk()
{
    need mawk mawk
    rr --setup 'seq 1 200000 >in' -- mawk '{s[$1 % 97] += $1} END {for (i = 0; i < 97; i++) print i, s[i]}' in
}

real_gawk()
{
    need gawk gawk
    rr --setup 'seq 1 50000 >in' -- gawk '{n = gensub(/([0-9])0/, "<\\1>", "g"); t[length(n)]++} END {PROCINFO["sorted_in"] = "@ind_num_asc"; for (i in t) print i, t[i]}' in
}

real_sed()
{
    rr --setup 'seq 1 100000 >in' -- sed -E -i.bak -e 's/([0-9])5/[\1]/g' -e '/77/d' in
}

real_tar()
{
    rr --setup '"$MKTREE" t 500' -- tar cf out.tar --sort=name t
}

real_tar_extract()
{
    rr --setup '"$MKTREE" t 500; tar cf in.tar --mtime=@0 --sort=name t; rm -r t' -- tar xvf in.tar
}

real_gzip()
{
    rr --setup 'seq 1 500000 >in' -- gzip -n -9 in
}

real_gunzip()
{
    rr --setup 'seq 1 500000 | gzip -n >in.gz' -- gzip -dc in.gz
}

real_bzip2()
{
    need bzip2 bzip2
    rr --setup 'seq 1 200000 >in' -- bzip2 -k in
}

real_xz()
{
    need xz xz-utils
    rr --setup 'seq 1 200000 >in' -- xz -T1 -k in
}

real_zstd()
{
    need zstd zstd
    rr --setup 'seq 1 500000 >in' -- zstd -q --single-thread --no-asyncio -9 in -o out.zst
}

real_sha256sum()
{
    rr --setup 'seq 1 3000000 >in' -- sha256sum in in
}

real_cp_tree()
{
    rr --setup '"$MKTREE" t 3000' -- cp -rp t u
}

real_mv_rm_tree()
{
    rr --setup '"$MKTREE" t 1000' -- rm -rv t
}

real_dd()
{
    rr --filter 's/, [0-9.e-]+ s,.*//' --setup 'seq 1 300000 >in' -- dd if=in of=out bs=777 skip=3 seek=5 conv=swab,sync
}

real_diff()
{
    rr --setup 'seq 1 30000 >a; sed "s/7\$/seven/" a >b' -- diff -u a b --label a --label b
}

real_split()
{
    rr --setup 'seq 1 100000 >in' -- split -n 50 in part.
}

real_date_random()
{
    rr --random -- date --rfc-3339=ns
}

real_shuf()
{
    rr --random -- shuf -i 1-5000
}

real_mktemp()
{
    rr --random -- mktemp -p . -d XXXXXXXXXX
}

real_timeout_signal()
{
    rr -- env sleep 0.2
}

real_ps_like()
{
    rr --random -- id
}

real_df()
{
    rr --random -- df -k /
}
