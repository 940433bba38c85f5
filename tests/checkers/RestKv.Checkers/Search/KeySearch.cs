using RestKv.Raft;

namespace RestKv.Checkers.Search;

/// <summary>
/// Wing and Gong's search with Lowe's memo for one key. Required steps lie in a doubly linked list of calls and returns in
/// the order of time; a step may be taken while its call stands before the first return. Optional steps lie in groups of
/// equal ones, taken in the order of their starts, since equal steps are interchangeable and the earliest fits longest.
/// The memo holds 128-bit Zobrist hashes of (set of taken steps, state): two different ones agreeing by accident is less
/// likely than a broken machine.
/// </summary>
internal sealed class KeySearch
{
    private readonly List<KeyStep> _required = [];
    private readonly List<List<KeyStep>> _groups = [];
    private readonly int[] _taken;
    private readonly int[] _nextNode;
    private readonly int[] _previousNode;
    private readonly int[] _callOf;
    private readonly List<bool> _isReturn = [true];
    private readonly int[] _returnOf;
    private readonly long[] _timeOf;
    private readonly UInt128[] _hashOf;
    private readonly Dictionary<(int Group, int Index), UInt128> _optionalHash = [];
    private readonly Dictionary<int, int> _writers = [];
    private readonly Dictionary<int, int> _observers = [];
    private readonly HashSet<UInt128> _memo = [];
    private readonly SplitMix64 _random = new(0x5eed);
    private readonly Stack<Frame> _stack = [];
    private readonly long _stepsMax;
    private KeyState _state;
    private UInt128 _taken128;
    private int _left;

    /// <summary>Nodes: 0 is the head, then call and return of each required step by time, last the tail.</summary>
    public KeySearch(IEnumerable<KeyStep> steps, KeyState start, long stepsMax)
    {
        _state = start;
        _stepsMax = stepsMax;
        foreach (var step in steps)
        {
            Count(step);
            if (step.IsRequired)
            {
                _required.Add(step);
            }
        }

        GroupOptional(steps);
        _taken = new int[_groups.Count];
        _left = _required.Count;
        var nodes = (2 * _required.Count) + 2;
        _nextNode = new int[nodes];
        _previousNode = new int[nodes];
        _callOf = new int[nodes];
        _timeOf = new long[nodes];
        _returnOf = new int[_required.Count];
        _hashOf = new UInt128[_required.Count];
        Link();
    }

    /// <summary>The step that could not be placed at the deepest point the search reached.</summary>
    public KeyStep? Blocked { get; private set; }

    public SearchVerdict Run()
    {
        var leftMin = int.MaxValue;
        var budget = _stepsMax;
        var node = _nextNode[0];
        var choice = 0;
        while (_left > 0)
        {
            if (budget-- == 0)
            {
                return SearchVerdict.Undecided;
            }

            if (choice == 0 && node == _nextNode[0] && TakeLook())
            {
                node = _nextNode[0];
                continue;
            }

            if (TakeNext(node, choice))
            {
                node = _nextNode[0];
                choice = 0;
                continue;
            }

            if (_left < leftMin)
            {
                leftMin = _left;
                Blocked = _required[_callOf[FirstReturn()]];
            }

            if (!Undo(out node, out choice))
            {
                return SearchVerdict.Impossible;
            }
        }

        return SearchVerdict.Linearizable;
    }

    private void Count(KeyStep step)
    {
        foreach (var value in step.Rules.Where(rule => rule.Effect == KeyEffect.Put).Select(rule => rule.Value).Distinct())
        {
            _writers[value] = _writers.GetValueOrDefault(value) + 1;
        }

        if (step.IsRequired && step.Rules.Count == 1 && step.Rules[0].RequiredValue is >= 0 and var observed)
        {
            _observers[observed] = _observers.GetValueOrDefault(observed) + 1;
        }
    }

    private void GroupOptional(IEnumerable<KeyStep> steps)
    {
        foreach (var group in steps.Where(step => !step.IsRequired)
            .OrderBy(step => step.Start)
            .GroupBy(step => string.Join(';', step.Rules)))
        {
            _groups.Add([.. group]);
        }
    }

    private void Link()
    {
        var events = new List<(long Time, int Kind, int Step)>(2 * _required.Count);
        for (var i = 0; i < _required.Count; i++)
        {
            events.Add((_required[i].Start, 0, i));
            events.Add((_required[i].End, 1, i));
            _hashOf[i] = NextHash();
        }

        // Calls before returns of the same instant: what touches is concurrent.
        events.Sort();
        var node = 0;
        foreach (var (time, kind, step) in events)
        {
            _nextNode[node] = node + 1;
            node++;
            _previousNode[node] = node - 1;
            _timeOf[node] = time;
            _callOf[node] = kind == 0 ? step : -1 - step;
            if (kind == 1)
            {
                _returnOf[step] = node;
            }
        }

        // Return nodes keep their step as a negative number until here, so that a call finds its return.
        for (var i = 1; i <= node; i++)
        {
            _isReturn.Add(_callOf[i] < 0);
            _callOf[i] = _callOf[i] < 0 ? -1 - _callOf[i] : _callOf[i];
        }

        _nextNode[node] = node + 1;
        _previousNode[node + 1] = node;
        _isReturn.Add(true);
    }

    private UInt128 NextHash() => new(_random.Next(), _random.Next());

    private int FirstReturn()
    {
        var node = _nextNode[0];
        while (!_isReturn[node])
        {
            node = _nextNode[node];
        }

        return node;
    }

    /// <summary>A required look that fits is taken at once: it changes nothing, and what follows is only freer without it.</summary>
    private bool TakeLook()
    {
        if (_state.Value == KeyState.Anything || _state.Version == KeyState.UnknownVersion)
        {
            return false;
        }

        for (var node = _nextNode[0]; !_isReturn[node]; node = _nextNode[node])
        {
            var step = _required[_callOf[node]];
            if (step.IsLook && step.Rules[0].TryApply(_state, out _))
            {
                Take(node, step, _state, choice: -1);
                return true;
            }
        }

        return false;
    }

    /// <summary>Tries the steps from a node on, then the optional groups. A choice counts rules at a node, then groups and rules.</summary>
    private bool TakeNext(int node, int choice)
    {
        for (; !_isReturn[node]; node = _nextNode[node], choice = 0)
        {
            var step = _required[_callOf[node]];
            for (; choice < step.Rules.Count; choice++)
            {
                if (Fits(step.Rules[choice], IsObserver(step), out var after) && _memo.Add(_taken128 ^ _hashOf[_callOf[node]] ^ Hash(after)))
                {
                    Take(node, step, after, choice);
                    return true;
                }
            }
        }

        return TakeOptional(node, choice);
    }

    private bool TakeOptional(int firstReturn, int choice)
    {
        var skipped = 0;
        for (var group = 0; group < _groups.Count; group++)
        {
            var members = _groups[group];
            var rules = members[0].Rules;
            if (_taken[group] >= members.Count || members[_taken[group]].Start > _timeOf[firstReturn])
            {
                skipped += rules.Count;
                continue;
            }

            for (var rule = 0; rule < rules.Count; rule++, skipped++)
            {
                if (skipped < choice || !Fits(rules[rule], isObserver: false, out var after) || after == _state)
                {
                    continue;
                }

                var hash = OptionalHash(group, _taken[group]);
                if (_memo.Add(_taken128 ^ hash ^ Hash(after)))
                {
                    _stack.Push(new Frame(firstReturn, skipped, group, _state, IsForced: false));
                    _taken[group]++;
                    _taken128 ^= hash;
                    _state = after;
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsObserver(KeyStep step) => step.Rules.Count == 1 && step.Rules[0].RequiredValue >= 0;

    /// <summary>
    /// A value that only one step writes must not go while somebody still has to see it: it would never come back.
    /// </summary>
    private bool Fits(KeyRule rule, bool isObserver, out KeyState after)
    {
        if (!rule.TryApply(_state, out after))
        {
            return false;
        }

        if (!rule.IsOverwrite || _state.Value < 0 || _writers.GetValueOrDefault(_state.Value) > 1)
        {
            return true;
        }

        var waiting = _observers.GetValueOrDefault(_state.Value) - (isObserver && rule.RequiredValue == _state.Value ? 1 : 0);
        return waiting <= 0;
    }

    private void Take(int node, KeyStep step, KeyState after, int choice)
    {
        var index = _callOf[node];
        _stack.Push(new Frame(node, choice, -1, _state, IsForced: choice < 0));
        Unlink(node);
        Unlink(_returnOf[index]);
        Observe(step, -1);
        _taken128 ^= _hashOf[index];
        _state = after;
        _left--;
    }

    private bool Undo(out int node, out int choice)
    {
        while (_stack.TryPop(out var frame))
        {
            _state = frame.Before;
            node = frame.Node;
            choice = frame.Choice + 1;
            if (frame.Group >= 0)
            {
                _taken[frame.Group]--;
                _taken128 ^= OptionalHash(frame.Group, _taken[frame.Group]);
                return true;
            }

            var index = _callOf[node];
            Relink(_returnOf[index]);
            Relink(node);
            Observe(_required[index], 1);
            _taken128 ^= _hashOf[index];
            _left++;
            if (!frame.IsForced)
            {
                return true;
            }
        }

        node = 0;
        choice = 0;
        return false;
    }

    private void Observe(KeyStep step, int by)
    {
        if (IsObserver(step))
        {
            _observers[step.Rules[0].RequiredValue] += by;
        }
    }

    private void Unlink(int node)
    {
        _nextNode[_previousNode[node]] = _nextNode[node];
        _previousNode[_nextNode[node]] = _previousNode[node];
    }

    private void Relink(int node)
    {
        _nextNode[_previousNode[node]] = node;
        _previousNode[_nextNode[node]] = node;
    }

    private UInt128 OptionalHash(int group, int index)
    {
        if (!_optionalHash.TryGetValue((group, index), out var hash))
        {
            hash = NextHash();
            _optionalHash.Add((group, index), hash);
        }

        return hash;
    }

    private static UInt128 Hash(KeyState state)
    {
        var low = new SplitMix64((ulong)state.Value * 0x9E3779B97F4A7C15UL ^ (ulong)state.Version).Next();
        return new UInt128(low, new SplitMix64(low).Next());
    }

    private readonly record struct Frame(int Node, int Choice, int Group, KeyState Before, bool IsForced);
}
