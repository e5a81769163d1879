# ---- From here on the script is the same for every job. ----

folder=${folders[${SLURM_ARRAY_TASK_ID:-0}]}
if [[ -e $folder/config.yaml ]]; then  # it has begun before
    command=(resume "$folder")
else
    command=(run "$folder/job/config.yaml" --out "$folder")
fi

newest() {  # the name of the run's newest checkpoint, or nothing
    local found=("$folder"/checkpoints/step-*.h5)
    if [[ -e ${found[-1]} ]]; then echo "${found[-1]##*/}"; fi
}

# --signal reaches this shell alone, scancel and preemption everything: hand both to the run.
forward() {
    signalled=$1
    if [[ $1 == TERM ]]; then cancelled=yes; fi
    kill -s "$1" "$child" 2>/dev/null
}

before=$(newest)
cancelled=
echo "job ${SLURM_JOB_ID:-?}, start ${SLURM_RESTART_COUNT:-0}, on $(hostname): darklat ${command[0]} $folder"
"$python" -P -m darklat "${command[@]}" --backend "$backend" &
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
        job=$SLURM_JOB_ID
        if [[ $SLURM_ARRAY_JOB_ID ]]; then  # a task's own number may be that of the whole array
            job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
        fi
        scontrol requeue "$job"
    fi
fi
exit "$code"
