namespace RestKv.Checkers.Search;

/// <summary>What one operation saw and did on one key, gathered while walking it.</summary>
internal sealed class Footprint
{
    public List<KeyCondition> All { get; } = [];

    public List<KeyCondition>? NotAll { get; set; }

    public KeyEffect Effect { get; private set; }

    public int Value { get; private set; }

    /// <summary>What is seen after the operation's own write tells nothing about the state before.</summary>
    public bool IsWritten => Effect != KeyEffect.None;

    public void See(KeyCondition condition)
    {
        if (!IsWritten)
        {
            All.Add(condition);
        }
    }

    public void Put(int? value)
    {
        Effect = value is null ? KeyEffect.Touch : KeyEffect.Put;
        Value = value ?? 0;
    }

    public void Delete() => Effect = KeyEffect.Delete;

    public KeyRule ToRule() => new(All, NotAll, Effect, Value);
}
