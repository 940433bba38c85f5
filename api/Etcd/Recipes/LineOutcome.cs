namespace RestKv.Api.Etcd.Recipes;

/// <summary>What waiting in line ended with.</summary>
internal enum LineOutcome : byte
{
    FirstAtOnce = 0,
    FirstAfterWait = 1,

    /// <summary>The contender's own key went away, mostly with its lease.</summary>
    Gone = 2,
}
