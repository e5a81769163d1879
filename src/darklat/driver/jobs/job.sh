# ---- From here on the script is the same for every job. ----

folder=${folders[$task]}
newest() {  # the name of the run's newest checkpoint, or nothing
    local found=("$folder"/checkpoints/step-*.h5)
    if [[ -e ${found[-1]} ]]; then echo "${found[-1]##*/}"; fi
}

if [[ -e $folder/config.yaml || -n $(newest) ]]; then  # it has begun before
    command=(resume "$folder")
    if [[ -e $folder/job/settings.txt ]]; then
        while IFS= read -r setting; do command+=(--set "$setting"); done < "$folder/job/settings.txt"
    fi
else
    command=(run "$folder/job/config.yaml" --out "$folder")
fi

# The signal before the time limit may reach this shell alone, and a cancellation everything: hand both
# to the run.
forward() {
    signalled=$1
    if [[ $1 == TERM ]]; then cancelled=yes; fi
    kill -s "$1" "$child" 2>/dev/null
}

before=$(newest)
cancelled=
echo "job $job, start $starts, on $(hostname): darklat ${command[0]} $folder"
"${launcher[@]}" "$python" -P -m darklat "${command[@]}" --backend "$backend" &
child=$!
trap 'forward USR2' USR2
trap 'forward TERM' TERM
signalled=yes
while [[ $signalled ]]; do  # a signal interrupts `wait`; wait again for the exit code
    signalled=
    wait "$child"
    code=$?
done

if [[ $code -eq 85 ]]; then
    after=$(newest)
    if [[ $cancelled ]]; then
        echo "stopped by SIGTERM: not put back into the queue; \`darklat submit\` again continues the run"
    elif [[ -z $after || $after == "$before" ]]; then
        echo "no new checkpoint since the job started (${before:-none before}), so another start would" \
            "do no better: not put back into the queue. Use a longer time in the profile."
    else
        echo "stopped with $after: back into the queue"
        requeue
    fi
fi
exit "$code"
